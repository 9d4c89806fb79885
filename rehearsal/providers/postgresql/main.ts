import { main } from "../serve";
import { postgresql } from "./provider";

void main(postgresql);
