const WIDTH = 120;

/** A text broken into lines of at most 120 characters, at its spaces; lines after the first begin with `indent`. */
export function paragraph(text: string, indent = ""): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= WIDTH || last === "") lines[lines.length - 1] = longer;
    else lines.push(`${indent}${word}`);
  }
  return lines.join("\n");
}
