import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 7, 8);
