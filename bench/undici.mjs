// undici's side: `node undici.mjs FOLDER URL MILLISECONDS` prints calls per second, 32 in flight, each body parsed.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, url, slice] = process.argv.slice(2);
const { Pool } = createRequire(join(folder, 'package.json'))('undici');
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections: 32, pipelining: 1 });
const headers = { authorization: 'Bearer a token' };

let done = 0;
let end = 0;
async function caller() {
  while (performance.now() < end) {
    const { body } = await pool.request({ path: pathname, method: 'GET', headers });
    await body.json();
    done += 1;
  }
}

async function rate(milliseconds) {
  done = 0;
  const start = performance.now();
  end = start + milliseconds;
  await Promise.all(Array.from({ length: 32 }, caller));
  return (done * 1000) / (performance.now() - start);
}

await rate(Number(slice));
const samples = [];
for (let round = 0; round < 5; round += 1) samples.push(await rate(Number(slice)));
await pool.close();
process.stdout.write(JSON.stringify(samples));
