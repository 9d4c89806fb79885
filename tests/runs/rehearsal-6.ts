import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 6, 8);
