import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 8, 8);
