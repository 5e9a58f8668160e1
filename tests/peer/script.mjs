// Works on the embedded workspace with PnPjs alone and prints what it saw as one JSON document.
import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { GraphDefault, SPDefault } from "@pnp/nodejs";
import { BearerToken } from "@pnp/queryable";
import { spfi } from "@pnp/sp";
import "@pnp/sp/batching.js";
import "@pnp/sp/fields/index.js";
import "@pnp/sp/items/index.js";
import "@pnp/sp/lists/index.js";
import "@pnp/sp/site-users/index.js";
import "@pnp/sp/views/index.js";
import "@pnp/sp/webs/index.js";
import { graphfi } from "@pnp/graph";
import "@pnp/graph/columns/index.js";
import "@pnp/graph/list-item/index.js";
import "@pnp/graph/lists/index.js";
import "@pnp/graph/sites/index.js";

const base = process.argv[2];
const seen = {};

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function assertion(tenant, client) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const now = Math.floor(Date.now() / 1000);
    const head = encode({ alg: "RS256", typ: "JWT", x5t: encode("01234567890123456789") });
    const claims = encode({
        aud: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
        iss: client, sub: client, jti: randomUUID(), nbf: now - 5, iat: now, exp: now + 600,
    });
    const signature = createSign("RSA-SHA256").update(`${head}.${claims}`).sign(privateKey, "base64url");
    return `${head}.${claims}.${signature}`;
}

async function token(scope, proof) {
    const client = "22222222-2222-4222-8222-222222222222";
    const form = new URLSearchParams({ client_id: client, grant_type: "client_credentials", scope });
    for (const [name, value] of Object.entries(proof(client))) form.set(name, value);
    const answer = await fetch(`${base}/rosewood/oauth2/v2.0/token`, { method: "POST", body: form });
    const document = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(document));
    return document;
}

const certificate = (client) => ({
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion("rosewood", client),
});
const secret = () => ({ client_secret: "any" });
const spScope = "https://rosewood.sharepoint.com/.default";

const spToken = await token(spScope, certificate);
seen.token_type = spToken.token_type;
const graphToken = await token("https://graph.microsoft.com/.default", secret);
const wrongToken = await token(spScope, secret);

const connected = (bearer) => spfi(`${base}/sites/governance`).using(SPDefault(), BearerToken(bearer));
const sp = connected(spToken.access_token);
const graph = graphfi().using(GraphDefault({ baseUrl: `${base}/v1.0` }), BearerToken(graphToken.access_token));

async function refusal(work) {
    try {
        await work();
        return null;
    } catch (error) {
        const text = await error.response?.text?.() ?? "";
        let code = "";
        try {
            code = JSON.parse(text)["odata.error"]?.code ?? JSON.parse(text).error?.code ?? "";
        } catch {
            code = "";
        }
        return { status: error.status, code, text: text.slice(0, 200) };
    }
}

seen.secret_refused = await refusal(() => connected(wrongToken.access_token).web());
seen.web_title = (await sp.web.select("Title", "Url")()).Title;

// A list with columns of every kind that matters.
const list = await sp.web.lists.add("Peer list", "Made by PnPjs", 100);
seen.list_template = list.BaseTemplate;
seen.same_title_refused = await refusal(() => sp.web.lists.add("Peer list"));
const peer = sp.web.lists.getByTitle("Peer list");
await peer.fields.addText("Code", { MaxLength: 50 });
await peer.fields.addNumber("Score");
await peer.fields.addChoice("State", { Choices: ["Open", "Done"] });
await peer.fields.createFieldAsXml('<Field Type="MultiChoice" Name="Tags" DisplayName="Tags"><CHOICES><CHOICE>A</CHOICE><CHOICE>B</CHOICE></CHOICES></Field>');
await peer.fields.addDateTime("Due", { DisplayFormat: 1 });
await peer.fields.addUser("Owner", { SelectionMode: 0 });
await peer.fields.getByInternalNameOrTitle("Code").update({ Indexed: true, CustomFormatter: '{"elmType":"div"}' });
const code = await peer.fields.getByInternalNameOrTitle("Code")();
seen.field = { type: code.TypeAsString, indexed: code.Indexed, formatter: code.CustomFormatter };
seen.choices = (await peer.fields.getByInternalNameOrTitle("State")()).Choices;

// A view.
await peer.views.add("Due soon", false, { RowLimit: 30, ViewQuery: "<OrderBy><FieldRef Name='Due'/></OrderBy>" });
await peer.views.getByTitle("Due soon").fields.add("Code");
const view = await peer.views.getByTitle("Due soon")();
seen.view = { rows: view.RowLimit, fields: (await peer.views.getByTitle("Due soon").fields()).Items };

// A person who was never on the site.
const user = await sp.web.ensureUser("i:0#.f|membership|sam.okafor@rosewood.example");
seen.user = { email: user.Email, title: user.Title };
seen.user_again = (await sp.web.ensureUser("sam.okafor@rosewood.example")).Id === user.Id;
seen.stranger = await refusal(() => sp.web.ensureUser("i:0#.f|membership|nobody@elsewhere.example"));

// Items one by one.
const added = await peer.items.add({ Title: "One", Code: "C-1", Score: 4.5, State: "Open", Tags: ["A", "B"], OwnerId: user.Id, Due: "2026-11-25T17:00:00Z" });
seen.added = { Code: added.Code, Score: added.Score, Tags: added.Tags, OwnerId: added.OwnerId === user.Id, Due: added.Due };
const etag = added["odata.etag"];
const updated = await peer.items.getById(added.Id).update({ Score: 5 }, etag);
seen.etag_moved = updated.etag !== etag && updated.etag.length > 10;
seen.stale = await refusal(() => peer.items.getById(added.Id).update({ Score: 6 }, etag));
seen.score = (await peer.items.getById(added.Id).select("Score")()).Score;
const expanded = await peer.items.getById(added.Id).select("Id", "Owner/EMail", "Owner/Title").expand("Owner")();
seen.owner = expanded.Owner;
seen.missing = await refusal(() => peer.items.getById(9999)());

// Many items by batch, read back in pages, filtered and ordered.
const [batched, execute] = sp.batched();
const made = [];
for (let n = 2; n <= 25; n++) {
    batched.web.lists.getByTitle("Peer list").items.add({ Title: `Item ${n}`, Code: `C-${n}`, Score: n, State: n % 2 ? "Open" : "Done" }).then((item) => made.push(item.Id));
}
await execute();
seen.batch_made = made.length;
const [mixed, executeMixed] = sp.batched();
const answers = {};
mixed.web.lists.getByTitle("Peer list").items.getById(2)().then((item) => { answers.read = item.Title; });
mixed.web.lists.getByTitle("Peer list").items.getById(3).update({ Score: 30 }).then((item) => { answers.etag = typeof item.etag; });
mixed.web.lists.getByTitle("Peer list").items.getById(777)().catch((error) => { answers.lost = error.status; });
await executeMixed();
seen.batch_mixed = answers;
const pages = [];
for await (const page of peer.items.select("Id", "Title").top(10)) pages.push(page.length);
seen.pages = pages;
seen.filtered = (await peer.items.filter("Code eq 'C-7'")()).map((item) => item.Title);
seen.done_count = (await peer.items.filter("State eq 'Done' and Score gt 10").top(100)()).length;
seen.ordered = (await peer.items.orderBy("Score", false).top(2)()).map((item) => item.Score);
await peer.items.getById(25).delete();
seen.deleted = await refusal(() => peer.items.getById(25)());

// The same items by Graph.
const site = await graph.sites.getByUrl("rosewood.sharepoint.com", "/sites/governance");
const items = site.lists.getById(list.Id).items;
const first = await items.getById(String(added.Id)).expand("fields")();
seen.graph_item = { Code: first.fields.Code, Score: first.fields.Score, owner: first.fields.OwnerLookupId === String(user.Id) };
const fresh = await items.add({ fields: { Title: "By Graph", Code: "G-1", Score: 1 } });
seen.graph_added = (await peer.items.getById(Number(fresh.id))()).Code;
let graphCount = 0;
for await (const page of items.expand("fields").top(10)) graphCount += page.length;
seen.graph_count = graphCount;
seen.columns = (await site.lists.getById(list.Id).columns()).map((column) => column.name).filter((name) => ["Code", "Score", "State", "Tags", "Due", "Owner"].includes(name)).sort();

console.log(JSON.stringify(seen));
