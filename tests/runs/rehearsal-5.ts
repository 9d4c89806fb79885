import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", 5, 8);
