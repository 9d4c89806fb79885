import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 3, 4);
