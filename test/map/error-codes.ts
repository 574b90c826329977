/** An error code in the text of a source. */
export interface Found {
  readonly code: string;
  readonly line: number;
}

/** Spelled like ours, and not ours: environment variables, and codes of Node and its HTTP parser. */
const foreign = /^(?:KEDGE_|ERR_|HPE_|ABORT_ERR$)/;
/** Whatever is written like a code is one: who adds another kind of constant so decides here what it is. */
const literal = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;
/** A code of one word is known by where it stands. */
const inPlace = /(?:new (?:Kedge|Terminal|Retryable)Error\(\s*|\bcode: |\.code : )'([A-Z][A-Z0-9]*)'/g;

/** Every code that a source names, thrown or told or compared with. */
export function codesIn(source: string): Found[] {
  return [...source.matchAll(literal), ...source.matchAll(inPlace)]
    .map((match) => ({ code: match[1] ?? '', line: source.slice(0, match.index).split('\n').length }))
    .filter(({ code }) => !foreign.test(code));
}

/** Where a source puts a code together, so that nobody could look for it. */
export function composedCodesIn(source: string): string[] {
  return [...source.matchAll(/(?:(?:Kedge|Terminal|Retryable)Error\(\s*|\bcode: )`[^`]*`/g)].map(([text]) => text);
}

/** What the document about errors says of one code. */
export interface Paragraph {
  readonly code: string;
  readonly text: string;
}

/** The paragraphs of a document, each written as "- **`CODE`**: what it means, and what to do." */
export function paragraphsIn(document: string): Paragraph[] {
  return [...document.matchAll(/^- \*\*`([A-Z0-9_]+)`\*\*:((?:.|\n(?=\s+\S))*)/gm)].map((match) => ({
    code: match[1] ?? '',
    text: (match[2] ?? '').replaceAll(/\s+/g, ' ').trim(),
  }));
}

/** Why a document and the sources do not belong together; one sentence for each code. */
export function disagreements(paragraphs: readonly Paragraph[], codes: readonly string[]): string[] {
  const written = paragraphs.map(({ code }) => code);
  const known = new Set(codes);
  return [
    ...[...known].filter((code) => !written.includes(code)).map((code) => `${code} has no paragraph`),
    ...written.filter((code) => !known.has(code)).map((code) => `${code} is in no source any more`),
    ...written.filter((code, index) => written.indexOf(code) !== index).map((code) => `${code} has two paragraphs`),
    ...paragraphs.filter(({ text }) => !saysWhatToDo(text)).map(({ code }) => `the paragraph of ${code} is too short to help`),
  ];
}

/** What it means and what to do are two thoughts at least. */
function saysWhatToDo(text: string): boolean {
  return text.length >= 60;
}
