import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 4, 4);
