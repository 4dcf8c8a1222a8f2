// A day of a shop, told by the generated TypeScript types: speaks to the server of the first argument, about the brand
// of the second as its person of the third, and prints what it saw as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[]; exitCode: number };

type Schemas = components["schemas"];
type Line = Schemas["LineEntryRequest"];
type Kind = Schemas["EnteredKind"];

function given<T>(answer: { data?: T; error?: Schemas["Error"] }): T {
  if (answer.data === undefined) throw new Error(answer.error?.message ?? "no answer");
  return answer.data;
}

function refusal(answer: { error?: Schemas["Error"] }): Schemas["Error"] {
  if (answer.error === undefined) throw new Error("was not refused");
  return answer.error;
}

const [server = "", brand = "", username = "", password = ""] = process.argv.slice(2);

async function logIn() {
  const open = createClient<paths>({ baseUrl: server });
  const { token } = given(await open.POST("/api/v1/auth/login/", { body: { username, password } }));
  return createClient<paths>({ baseUrl: server, headers: { Authorization: `Token ${token}` } });
}

type Client = Awaited<ReturnType<typeof logIn>>;

async function allProducts(client: Client): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | undefined;
  do {
    const query = { brand, status: "active" as Schemas["ProductStatus"], page_size: 2, cursor };
    const page = given(await client.GET("/api/v1/products/", { params: { query } }));
    if (page.results.length > 2) throw new Error("a page is too long");
    found.push(...page.results.map((product) => product.id));
    cursor = page.next ? new URL(page.next).searchParams.get("cursor") ?? undefined : undefined;
  } while (cursor);
  return found;
}

async function listShirt(client: Client): Promise<[Schemas["Product"], Schemas["Variant"][]]> {
  const colours = [{ colour: "navy", hex: "#1e2744" }, { colour: "white" }];
  const body = { brand, name_ko: "타입스크립트 셔츠", category: "shirt", price: "39000", colours };
  const { id } = given(await client.POST("/api/v1/products/", { body }));
  const path = { id };
  const grid = { colours: ["navy", "white"], size_run: "alpha", sizes: ["S", "M"] };
  const made = given(await client.PUT("/api/v1/products/{id}/variants/", { params: { path }, body: grid }));
  const product = given(await client.POST("/api/v1/products/{id}/activate/", { params: { path } }));
  return [product, made.results];
}

function move(client: Client, kind: Kind, line: Line, key: string) {
  const body = { brand, kind, lines: [line] };
  return client.POST("/api/v1/movements/", { params: { header: { "Idempotency-Key": key } }, body });
}

async function main() {
  const client = await logIn();
  const [product, variants] = await listShirt(client);
  const [variant] = variants;
  if (variant === undefined) throw new Error("no variant was made");
  const line = { variant: variant.id, quantity: 7, destination: "MAIN" };
  const first = await move(client, "receipt", line, "typescript-1");
  const again = await move(client, "receipt", line, "typescript-1");
  const tooMany = { sku: variant.sku, quantity: 900, source: "MAIN" };
  const refused = refusal(await move(client, "shipment", tooMany, "typescript-2"));
  const open = createClient<paths>({ baseUrl: server });
  const wrong = { username, password: "wrong" };
  const nobody = refusal(await open.POST("/api/v1/auth/login/", { body: wrong }));
  const balances = given(await client.GET("/api/v1/balances/", { params: { query: { variant: variant.id } } }));
  return {
    status: product.status,
    skus: variants.map((one) => one.sku),
    listed: await allProducts(client),
    statuses: [first.response.status, again.response.status],
    same: given(first).id === given(again).id,
    on_hand: balances.results[0]?.on_hand,
    refused: [refused.code, refused.errors.map((problem) => [problem.line, problem.code])],
    unknown: nobody.code,
  };
}

main().then(
  (seen) => console.log(JSON.stringify(seen)),
  (problem) => {
    console.error(problem);
    process.exitCode = 1;
  },
);
