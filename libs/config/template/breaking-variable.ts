import { renderTemplate, type Template, type TemplateProblem, variableUses } from './template.ts';
import { parseToml } from './toml-document.ts';

/** What has a meaning within quotes. */
const special = /["'\\\p{Cc}]/gu;

/**
 * The first variable whose value makes invalid TOML of a template that is valid with a harmless value; null when no value would help.
 * Values are put in as they are, so that a quote in one ends the text around it. Never quotes a value.
 */
export function findBreakingVariable(template: Template, values: ReadonlyMap<string, string>): TemplateProblem | null {
  const isValid = (tried: ReadonlyMap<string, string>) => parseToml(renderTemplate(template, tried).text).ok;
  const harmless = new Map([...values].map(([name, value]) => [name, value.replaceAll(special, '_')]));
  if (!isValid(harmless)) return null;
  for (const [name, offset] of variableUses(template)) {
    const value = values.get(name);
    if (value === undefined || isValid(new Map(harmless).set(name, value))) continue;
    const cure = `write '\${${name}}' or '''\${${name}}''' here, or escape it where the variable is defined`;
    return {
      offset,
      message: `not valid TOML: the value of variable "${name}" contains a character that ends the text around it, or has a meaning in it (a quote, a backslash, a line break); ${cure}`,
    };
  }
  return null;
}
