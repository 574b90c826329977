/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const space = 0x20;
const tab = 0x09;

/** True when a header or trailer may be called so. */
export function isFieldName(name: string): boolean {
  return token.test(name);
}

/** True when nothing in it could end the line or hide something: no control character but the tab (RFC 9110 §5.5). */
export function isFieldValue(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if ((code < space && code !== tab) || code === 0x7f) return false;
  }
  return true;
}

/** Takes spaces and tabs off both ends and nothing else: the last byte of `à` in UTF-8 is no blank, although it looks like one in latin1. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}
