import { inTurn } from "../in-one-process";

inTurn("rehearsal");
