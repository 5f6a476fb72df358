// The benchmark of ajv: `node ajv.mjs FOLDER agree|time MILLISECONDS` prints one JSON object.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, task, slice] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { Ajv2020 } = require('ajv/dist/2020');
const addFormats = require('ajv-formats').default;
const { version } = require('ajv/package.json');

const input = JSON.parse(readFileSync(join(folder, 'input.json'), 'utf8'));
const ajv = new Ajv2020({ allowUnionTypes: true, strict: true, strictRequired: false });
addFormats(ajv);
const validators = Object.fromEntries(
  Object.entries(input.schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
);

function agree() {
  const disagreements = input.cases
    .filter(({ schema, payload, valid }) => validators[schema](JSON.parse(payload)) !== valid)
    .map(({ what, schema, valid }) => ({ what, schema, ours: valid }));
  return { version, verdicts: input.cases.length, disagreements };
}

// Nanoseconds of one call.
function timed(call) {
  const end = process.hrtime.bigint() + BigInt(slice) * 1000000n;
  for (let warm = 0; warm < 2000; warm += 1) call();
  const start = process.hrtime.bigint();
  let calls = 0;
  let now = start;
  let valid = true;
  while (now < end || calls < 1000) {
    for (let round = 0; round < 100; round += 1) valid = call() && valid;
    calls += 100;
    now = process.hrtime.bigint();
  }
  if (!valid) throw new Error('a payload to time is not valid');
  return Number(now - start) / calls;
}

function time() {
  const times = {};
  for (const { name, strictness, schema, payload } of input.timed) {
    const validate = validators[schema];
    const parsed = JSON.parse(payload);
    const bytes = Buffer.from(payload);
    times[`${name}, parsed to verdict, ${strictness}`] = timed(() => validate(parsed));
    times[`${name}, bytes to verdict, ${strictness}`] = timed(() => validate(JSON.parse(bytes.toString())));
  }
  return { version, times };
}

process.stdout.write(JSON.stringify(task === 'agree' ? agree() : time()));
