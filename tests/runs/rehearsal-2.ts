import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 2, 4);
