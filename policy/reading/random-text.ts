/** Of letters and digits drawn at random, three of five neighbours are of different kinds; of words and paths, one of five. */
const LEAST_CHANGES = 0.4;

/** Whether a text of letters, digits and a few signs reads like drawn at random, as keys are. */
export function isRandom(text: string): boolean {
  const kinds = [...text].map(kindOf);
  // The signs in a path part its words, and say nothing of them.
  const pairs = kinds.slice(1).map((kind, index) => [kinds[index], kind]);
  const among = pairs.filter((pair) => !pair.includes("sign"));
  const changes = among.filter(([before, after]) => before !== after).length;
  return ["upper", "lower", "digit"].every((kind) => kinds.includes(kind)) && changes >= LEAST_CHANGES * among.length;
}

function kindOf(character: string): string {
  if (/[a-z]/.test(character)) return "lower";
  if (/[A-Z]/.test(character)) return "upper";
  return /[0-9]/.test(character) ? "digit" : "sign";
}
