import { readFile, writeFile } from 'node:fs/promises';
import manifest from '../../package.json' with { type: 'json' };
import { findBreaks } from './compare-schemas.ts';
import { type Contracts, describeContracts } from './describe-contracts.ts';

// Run when contracts changed, and when a version is released: node test/contracts/release.ts. Within a version nothing may break.
const file = new URL('released.golden.json', import.meta.url);
const released = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string; readonly contracts: Contracts };
const contracts = describeContracts();
const breaks = released.version === manifest.version ? findBreaks(released.contracts, contracts) : [];
if (breaks.length > 0) {
  process.stderr.write(
    `${breaks.map((each) => `  ${each}\n`).join('')}Components of version ${manifest.version} would not understand that: add optional fields instead, or a new version of the type.\n`,
  );
  process.exitCode = 1;
} else {
  await writeFile(file, `${JSON.stringify({ version: manifest.version, contracts })}\n`);
}
