import { inOneProcess } from "../in-one-process";

inOneProcess("rehearsal", "shortest");
