import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 1, 4);
