import { main } from "../serve";
import { random } from "./provider";

void main(random);
