/** Runs the command that this process was started with. */
import { outliveReaders } from "../ops/outlive-readers";
import { program } from "./program";
import { runCommand } from "./run-command";

outliveReaders();
const argv = process.argv.slice(2);
runCommand(program(argv[0] === "help" ? argv[1] : argv[0]), argv);
