// Draws with the TypeScript SDK as it is, with its time-out of a minute, and prints what it was told and when.
//
//     cd FOLDER_WITH_THE_SDK && node slow_client.mjs PROMPT COMMAND [ARGUMENT...]
//
// FOLDER_WITH_THE_SDK is where `npm install @modelcontextprotocol/sdk` ran. See tests/faults/slow_campaign.py.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.cwd()}/`);
const sdk = (path) => import(pathToFileURL(installed.resolve(`@modelcontextprotocol/sdk/client/${path}.js`)).href);
const { Client } = await sdk("index");
const { StdioClientTransport } = await sdk("stdio");

const [prompt, command, ...args] = process.argv.slice(2);
const client = new Client({ name: "slow-client", version: "0" });
await client.connect(new StdioClientTransport({ command, args, env: process.env }));

async function call(name, args) {
  const began = Date.now();
  const result = await client.callTool({ name, arguments: args });
  const { status, generation_id } = result.structuredContent ?? {};
  console.log(JSON.stringify({ status: status ?? result.content[0].text, seconds: (Date.now() - began) / 1000 }));
  return { status, generation_id };
}

let told = await call("generate_image", { prompt, provider: "depicta" });
while (told.status === "running") {
  told = await call("get_generation", { generation_id: told.generation_id, wait_seconds: 45 });
}
await client.close();
