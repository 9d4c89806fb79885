import { main } from "../serve";
import { aws } from "./provider";

void main(aws);
