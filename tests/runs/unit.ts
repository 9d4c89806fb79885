import { inOneProcess } from "../in-one-process";

inOneProcess("unit");
