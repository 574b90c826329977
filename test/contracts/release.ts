import { writeFile } from 'node:fs/promises';
import manifest from '../../package.json' with { type: 'json' };
import { describeContracts } from './describe-contracts.ts';

// Run when a version is released: node test/contracts/release.ts
const contracts = { version: manifest.version, contracts: describeContracts() };
await writeFile(new URL('released.golden.json', import.meta.url), `${JSON.stringify(contracts)}\n`);
