import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import { LANGUAGES, type Language } from "../texts";

/** The page that a command is to write besides what it prints. */
export interface PageOptions {
  readonly file: string;
  /** Undefined: the browser's. */
  readonly language: Language | undefined;
  /** An earlier page, to compare sizes with. */
  readonly since: string | undefined;
  /** Whether tenants are to prove that they are isolated. */
  readonly proof: boolean;
}

/** What the command line makes of the options. */
export interface PageValues {
  readonly html?: string;
  readonly lang?: string;
  readonly since?: string;
  /** False where there is `--no-proof`. */
  readonly proof?: boolean;
}

/** @returns Undefined where no page is wanted. @throws UsageError */
export function pageWanted({ html: file, lang, since, proof = true }: PageValues): PageOptions | undefined {
  if (file === undefined) {
    const [alone] = [lang !== undefined && "--lang", since !== undefined && "--since", !proof && "--no-proof"].filter(
      Boolean,
    );
    if (alone) throw new UsageError(`${alone} is for --html`);
    return undefined;
  }
  const language = LANGUAGES.find((one) => one === lang);
  if (lang !== undefined && language === undefined) {
    throw new UsageError(`--lang ${printable(JSON.stringify(lang))}: the languages are ${LANGUAGES.join(" and ")}`);
  }
  return { file, language, since, proof };
}
