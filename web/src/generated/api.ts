/* Made by tools/api_types.py from the route tables; do not edit. `./dev check` compares. */
/* eslint-disable */

export interface AddressFinding {
  /** url, spf, dkim or dmarc */
  name: string;
  state: 'unknown' | 'ok' | 'not_needed' | 'missing' | 'wrong';
  /** why: several, no_provider, certificate … */
  code: string;
  /** the name, number or words that the code is about */
  detail?: string | null;
  /** the records that are published */
  found: string[];
  /** to be published */
  records: DnsRecord[];
}

export interface AddressMail {
  state: 'unknown' | 'ok' | 'not_needed' | 'missing' | 'wrong';
  code: string;
  at: number;
  /** d= of the signature that counts */
  signer?: string | null;
  /** its s= */
  selector?: string | null;
}

export interface AddressMailInput {
  /** the whole mail, as the program shows it */
  source: string;
}

export interface Attention {
  kind: string;
  count: number;
  money?: KpiMoney | null;
  link: string;
}

export interface AttentionInput {
  action: 'retry' | 'drop';
}

export interface AttestInput {
  basis: 'existing_customer';
  /** none: email */
  channel?: 'email' | 'sms' | null;
  /** none: newsletter; * speaks of all topics */
  topic?: string | null;
  /** As GET /api/permission/laws gives it for the country */
  law: string;
  /** Of the customers */
  country: string;
  /** What was shown and confirmed, word for word */
  text: string;
  /** Also for customers whose country is not known */
  unknown_country?: boolean | null;
  /** Only count what would change */
  dry_run?: boolean | null;
}

export interface Attestation {
  id: string;
  basis: string;
  channel: string;
  topic: string;
  law: string;
  citation?: string | null;
  country: string;
  unknown_country: boolean;
  text: string;
  actor: string;
  at: number;
  ended_at?: number | null;
  ended_by?: string | null;
}

export interface Attestations {
  attestations: Attestation[];
}

export interface Attested {
  /** null: it was only counted */
  attestation_id?: string | null;
  before: PermissionCount;
  after: PermissionCount;
}

export interface Audit {
  entries: AuditEntry[];
  /** cursor of the next page; null at the end */
  next?: string | null;
}

export interface AuditEntry {
  id: string;
  at: number;
  /** "account 12", "key 34", "command line" */
  actor: string;
  action: string;
  subject: string;
  detail?: unknown;
}

export interface BadField {
  field: string;
  message: string;
  reason?: Reason | null;
}

export interface Business {
  name: string;
  currency: string;
  zone: string;
  language: 'en' | 'de';
  gap_days?: number | null;
  proposed_gap_days?: number | null;
}

export interface BusinessInput {
  name?: string | null;
  /** ISO 4217, as GBP */
  currency?: string | null;
  /** IANA time zone, as Europe/London */
  zone?: string | null;
  language?: 'en' | 'de' | null;
  /** usual days between purchases; null or 0: fitted to the data */
  gap_days?: number | null;
  /** read only: what the data says */
  proposed_gap_days?: number | null;
}

export interface Campaign {
  id: string;
  name: string;
  subject: string;
  preheader: string;
  body: string;
  rule: string;
  topic: string;
  purpose: 'value' | 'promotion';
  holdout: number;
  compare_days: number;
  state: 'draft' | 'scheduled' | 'planning' | 'sending' | 'stopped' | 'done';
  /** Why it was stopped */
  reason?: string | null;
  /** The sender's mails of the day are used up: it goes on then */
  goes_on_at?: number | null;
  /** Until then sending can be undone */
  send_at?: number | null;
  started_at?: number | null;
  ended_at?: number | null;
  created_at: number;
  changed_at: number;
  counts: CampaignCount[];
}

export interface CampaignArm {
  people: number;
  buyers: number;
  /** Net, in the business's currency */
  revenue_minor: number;
}

export interface CampaignCount {
  state: string;
  reason?: string | null;
  count: number;
}

export interface CampaignDryRun {
  group: number;
  /** People who would get it */
  send: number;
  /** Of these, not at once: it is night there */
  later: number;
  left_alone: number;
  /** People who may not get it, by reason */
  withheld: number;
  /** Mails in 24 hours; 0: any number */
  daily_limit: number;
  /** Until all have left, with those of other mailings before them; 1: all today */
  days: number;
  reasons: CampaignReason[];
}

export interface CampaignInput {
  name: string;
  /** Liquid */
  subject: string;
  /** Liquid; shown beside the subject in lists of mails */
  preheader?: string | null;
  /** Markdown with Liquid in it */
  body: string;
  /** The group, as a rule */
  rule: string;
  /** What people said yes to: newsletter */
  topic?: string | null;
  /** value: helpful; promotion: an offer */
  purpose?: 'value' | 'promotion' | null;
  /** Per mille left alone to compare */
  holdout?: number | null;
  /** How long the comparison runs */
  compare_days?: number | null;
}

export interface CampaignNamed {
  id: string;
  name?: string | null;
  email?: string | null;
}

export interface CampaignPeople {
  people: CampaignPerson[];
  next?: string | null;
}

export interface CampaignPerson {
  person_id: string;
  name?: string | null;
  email?: string | null;
  state: string;
  reason?: string | null;
  due_at: number;
  handed_at?: number | null;
}

export interface CampaignPreview {
  subject: string;
  /** show it in a sandboxed frame only */
  html: string;
  text: string;
}

export interface CampaignPreviewInput {
  /** As this person would see it; absent: nobody's facts */
  person_id?: string | null;
}

export interface CampaignReason {
  reason: string;
  count: number;
  /** The first of them */
  people: CampaignNamed[];
}

export interface CampaignResult {
  verdict: 'too_few' | 'too_early' | 'helped' | 'harmed' | 'no_difference';
  until?: number | null;
  /** People; programs that fetch count too */
  opened: number;
  clicked: number;
  /** People, by the link in this mail */
  unsubscribed: number;
  written: CampaignArm;
  left_alone: CampaignArm;
  /** Share of buyers more than without the mail */
  extra?: number | null;
  /** 95 % interval */
  low?: number | null;
  high?: number | null;
}

export interface CampaignSendInput {
  /** How long it can be taken back */
  undo_seconds?: number | null;
}

export interface CampaignTest {
  state: 'none' | 'running' | 'done';
  /** Of one that is done */
  outcome?: 'accepted' | 'no_such_mailbox' | 'refused' | 'later' | 'blocked' | 'unknown' | 'held' | null;
  /** What the mail server answered */
  said?: string | null;
  address?: string | null;
  at?: number | null;
  /** Its name in the local mailbox, if it went there */
  mail_id?: string | null;
}

export interface CampaignTestInput {
  address: string;
  /** As this person would see it */
  person_id?: string | null;
}

export interface Campaigns {
  campaigns: Campaign[];
}

export interface CohortCell {
  buyers: number;
  share?: number | null;
  /** The month is over. */
  complete: boolean;
}

export interface CohortRow {
  month: string;
  size: number;
  cells: CohortCell[];
}

export interface Cohorts {
  /** The moment the figures describe. */
  as_of: number;
  /** day_after_newest_order, or null: now. */
  as_of_reason?: string | null;
  /** When the orders were read. */
  built_at: number;
  zone: string;
  currency: string;
  months: string[];
  rows: CohortRow[];
}

export interface ConsentInput {
  channel: string;
  /** * speaks of all topics */
  topic: string;
  state: 'granted' | 'pending' | 'denied';
  basis?: string | null;
  /** What was shown or said */
  text?: string | null;
  /** Where it can be seen: the signed card, the recording, the form */
  proof?: string | null;
  /** How it came to us, when there is no proof: by telephone, at the till */
  source?: string | null;
  /** none: now; never in the future */
  occurred_at?: number | null;
  address?: string | null;
  expires_at?: number | null;
}

export interface Curve {
  label: string;
  from: string;
  to: string;
  size: number;
  points: CurvePoint[];
  /** Beyond, draw dashed: still filling. */
  complete_days: number;
}

export interface CurvePoint {
  day: number;
  share: number;
}

export interface Curves {
  /** The moment the figures describe. */
  as_of: number;
  /** day_after_newest_order, or null: now. */
  as_of_reason?: string | null;
  /** When the orders were read. */
  built_at: number;
  zone: string;
  currency: string;
  curves: Curve[];
}

export interface Difference {
  order_key: string;
  what: string;
  shop?: string | null;
  kith?: string | null;
  why: string;
}

export interface Disk {
  data_bytes: number;
  free_bytes: number;
  /** at the growth of the last days; null: not known yet */
  days_left?: number | null;
  parts: DiskPart[];
}

export interface DiskPart {
  name: string;
  bytes: number;
}

export interface DnsRecord {
  /** TXT or CNAME */
  type: string;
  name: string;
  /** absent: only the provider knows it, see dkim_page */
  value?: string | null;
}

export interface Done {
  done: boolean;
}

export interface Erased {
  erased: boolean;
  erasure_id: string;
}

export interface Error {
  error: ErrorDetail;
}

export interface ErrorDetail {
  code: string;
  message: string;
  request_id: string;
  reason?: Reason | null;
  fields?: BadField[] | null;
}

export interface GroupFace {
  id: string;
  name: string;
}

export interface HandItem {
  /** What was sold */
  name: string;
  quantity?: number | null;
  /** Of one, in minor units (cents) */
  price_minor: number;
}

export interface HandOrder {
  /** When it was bought; now when absent */
  at?: number | null;
  /** The business's when absent */
  currency?: string | null;
  /** The shop's order number, when it has one */
  number?: string | null;
  items?: HandItem[] | null;
  /** What was paid; the sum of the items when absent */
  total_minor?: number | null;
}

export interface Health {
  status: string;
  version?: string | null;
}

export interface Home {
  /** The moment the figures describe. */
  as_of: number;
  /** day_after_newest_order, or null: now. */
  as_of_reason?: string | null;
  /** When the orders were read. */
  built_at: number;
  zone: string;
  currency: string;
  from?: string | null;
  to?: string | null;
  greeting_key: string;
  customers: number;
  attention: Attention[];
  figures: Kpi[];
  curves: Curve[];
  steps: Step[];
  matches_shop?: MatchesShop | null;
}

export interface HookDelivery {
  topic: string;
  state: 'taken' | 'old' | 'ignored' | 'refused' | 'asks';
  /** Why it was refused or ignored, or what is asked of the owner */
  reason?: string | null;
  at: number;
}

export interface HookRefusal {
  reason: string;
  at: number;
}

export interface HookSecret {
  /** Shopify: the signing secret; WooCommerce: the webhook's secret. Never shown again */
  secret: string;
}

export interface Import {
  id: string;
  name: string;
  kind: 'auto' | 'orders' | 'customers' | 'products' | 'events' | 'rates' | 'consents' | 'suppressions';
  format: 'auto' | 'generic' | 'shopify' | 'woocommerce' | 'mailchimp' | 'klaviyo' | 'brevo' | 'listmonk';
  state: 'uploaded' | 'ready' | 'running' | 'done' | 'failed' | 'stopped';
  /** Records read. */
  rows: number;
  /** Orders that were new. */
  orders: number;
  /** People who were new. */
  customers: number;
  refunds: number;
  /** Products, events, rates, news of people. */
  items: number;
  /** Orders known before that changed. */
  updated: number;
  /** Said nothing new. */
  unchanged: number;
  /** Nothing of positive value: no order. */
  no_value: number;
  /** Order lines without a known customer. */
  nobody: number;
  /** Rows that cannot be read. */
  rejected: number;
  bytes_total: number;
  bytes_done?: number | null;
  /** Rows a second while it runs. */
  rate?: number | null;
  seconds_left?: number | null;
  error?: string | null;
  /** The error, to be translated. */
  reason?: Reason | null;
  created_at: number;
  started_at?: number | null;
  ended_at?: number | null;
  columns: ImportColumn[];
  fields: ImportField[];
  /** {field: column name, or null}. */
  mapping: unknown;
  assumed: ImportAssumed;
  preview: ImportPreview[];
}

export interface ImportAssumed {
  delimiter?: string | null;
  encoding?: string | null;
  bom?: boolean | null;
  newline?: string | null;
  header?: boolean | null;
  date_order?: 'ymd' | 'dmy' | 'mdy' | 'epoch_s' | 'epoch_ms' | null;
  date_certain?: boolean | null;
  decimal_comma?: boolean | null;
  date_fixed?: boolean | null;
  decimal_fixed?: boolean | null;
  decimal_certain?: boolean | null;
  zone?: string | null;
  currency?: string | null;
  c_means_refund?: boolean | null;
  shop?: string | null;
  says?: string | null;
  not_suppressions?: boolean | null;
  /** Why these look like addresses never to write to; null: they do not. */
  suppression_hint?: string | null;
}

export interface ImportBrief {
  id: string;
  name: string;
  kind: 'auto' | 'orders' | 'customers' | 'products' | 'events' | 'rates' | 'consents' | 'suppressions';
  format: 'auto' | 'generic' | 'shopify' | 'woocommerce' | 'mailchimp' | 'klaviyo' | 'brevo' | 'listmonk';
  state: 'uploaded' | 'ready' | 'running' | 'done' | 'failed' | 'stopped';
  /** Records read. */
  rows: number;
  /** Orders that were new. */
  orders: number;
  /** People who were new. */
  customers: number;
  refunds: number;
  /** Products, events, rates, news of people. */
  items: number;
  /** Orders known before that changed. */
  updated: number;
  /** Said nothing new. */
  unchanged: number;
  /** Nothing of positive value: no order. */
  no_value: number;
  /** Order lines without a known customer. */
  nobody: number;
  /** Rows that cannot be read. */
  rejected: number;
  bytes_total: number;
  bytes_done?: number | null;
  /** Rows a second while it runs. */
  rate?: number | null;
  seconds_left?: number | null;
  error?: string | null;
  /** The error, to be translated. */
  reason?: Reason | null;
  created_at: number;
  started_at?: number | null;
  ended_at?: number | null;
}

export interface ImportChange {
  kind?: 'auto' | 'orders' | 'customers' | 'products' | 'events' | 'rates' | 'consents' | 'suppressions' | null;
  format?: 'auto' | 'generic' | 'shopify' | 'woocommerce' | 'mailchimp' | 'klaviyo' | 'brevo' | 'listmonk' | null;
  /** {field: column name, or null}; fields that are not named stay as they are. */
  mapping?: unknown;
  currency?: string | null;
  zone?: string | null;
  delimiter?: ',' | ';' | '	' | '|' | null;
  date_order?: 'ymd' | 'dmy' | 'mdy' | 'epoch_s' | 'epoch_ms' | null;
  decimal_comma?: boolean | null;
  shop?: string | null;
  /** Of consents and suppressions: what a row says that has no word of its own. */
  says?: 'subscribed' | 'unsubscribed' | 'bounced' | 'complaint' | 'cleaned' | 'manual' | null;
  /** The file looks like addresses never to write to (assumed.suppression_hint), and is not. */
  not_suppressions?: boolean | null;
}

export interface ImportColumn {
  name: string;
  samples: string[];
  /** The field it is read into, or null. */
  field?: string | null;
}

export interface ImportField {
  name: string;
  label: string;
  required: boolean;
  doc: string;
}

export interface ImportId {
  id: string;
}

export interface ImportMoney {
  minor: number;
  currency: string;
}

export interface ImportPreview {
  line: number;
  order_key?: string | null;
  at?: number | null;
  person?: string | null;
  total?: ImportMoney | null;
  lines: number;
  /** Of customers and lists: what the row says about mail; null: nothing. */
  says?: 'yes' | 'no' | 'pending' | 'unsubscribed' | 'bounced' | 'complained' | 'cleaned' | 'manual' | null;
  problem?: string | null;
  /** The problem, to be translated. */
  reason?: Reason | null;
}

export interface Imports {
  imports: ImportBrief[];
}

export interface InboundSource {
  /** "": no mailbox is read */
  host: string;
  port: number;
  security: 'plain' | 'starttls' | 'tls';
  user: string;
  /** it is never shown again */
  password_set: boolean;
  /** older mails are not read; null: reading has not begun */
  since?: number | null;
  /** mails read since */
  taken: number;
  /** when the last of them was read */
  taken_at?: number | null;
  /** last look; null: none since the settings were changed */
  checked_at?: number | null;
  /** how that went */
  outcome?: 'ok' | 'later' | 'refused' | null;
  /** how far it came, unless ok */
  phase?: 'connect' | 'greeting' | 'tls' | 'auth' | 'folder' | 'search' | 'fetch' | 'logout' | null;
  /** the server's words, or ours, unless ok */
  text?: string | null;
}

export interface InboundSourceInput {
  /** absent or "": read no mailbox */
  host?: string | null;
  port?: number | null;
  /** absent: tls */
  security?: 'plain' | 'starttls' | 'tls' | null;
  user?: string | null;
  /** absent: as it is, for the same server and user */
  password?: string | null;
}

export interface Inbox {
  conversations: InboxConversation[];
  /** cursor of the next page; null at the end */
  next?: string | null;
  counts: InboxCounts;
  /** a mailbox of the business is read */
  reads: boolean;
}

export interface InboxAnswerInput {
  /** plain text */
  text: string;
  /** the newest mail that was read; is there a newer one: 409, so that two do not answer */
  seen: string;
  /** and that was all */
  done?: boolean | null;
}

export interface InboxConversation {
  id: string;
  kind: 'person' | 'automatic' | 'returned' | 'delayed';
  /** apart: nobody wrote it, so nobody answers */
  state: 'open' | 'done' | 'apart';
  /** null: nobody we know */
  person?: InboxPerson | null;
  /** of a conversation without a person: whose address it is by now */
  suggested?: InboxPerson | null;
  /** who writes, or could not be reached */
  address: string;
  /** as they write it, or "" */
  name: string;
  subject: string;
  /** how the newest mail begins */
  snippet: string;
  /** the mailing that it answers or that came back */
  campaign_id?: string | null;
  /** its name */
  campaign?: string | null;
  /** of returned mail: RFC 3463, "5.1.1" */
  status?: string | null;
  /** stop: asks for no more mail; stopped: done */
  wish?: 'stop' | 'stopped' | null;
  last_at: number;
}

export interface InboxConversationWhole {
  id: string;
  kind: 'person' | 'automatic' | 'returned' | 'delayed';
  /** apart: nobody wrote it, so nobody answers */
  state: 'open' | 'done' | 'apart';
  /** null: nobody we know */
  person?: InboxPerson | null;
  /** of a conversation without a person: whose address it is by now */
  suggested?: InboxPerson | null;
  /** who writes, or could not be reached */
  address: string;
  /** as they write it, or "" */
  name: string;
  subject: string;
  /** how the newest mail begins */
  snippet: string;
  /** the mailing that it answers or that came back */
  campaign_id?: string | null;
  /** its name */
  campaign?: string | null;
  /** of returned mail: RFC 3463, "5.1.1" */
  status?: string | null;
  /** stop: asks for no more mail; stopped: done */
  wish?: 'stop' | 'stopped' | null;
  last_at: number;
  /** oldest first */
  mails: InboxMail[];
}

export interface InboxCounts {
  open: number;
  done: number;
  apart: number;
}

export interface InboxMail {
  id: string;
  direction: 'in' | 'out';
  /** unknown: the connection was lost at the end; it may have arrived */
  state: 'received' | 'waiting' | 'handing' | 'sent' | 'refused' | 'unknown';
  /** why it waits or was refused */
  reason?: string | null;
  /** who wrote it, or to whom it goes */
  address: string;
  subject: string;
  /** what its writer wrote */
  text: string;
  /** what follows: older mails, as quoted */
  quoted: string;
  /** it was longer than what is kept */
  cut: boolean;
  at: number;
}

export interface InboxPerson {
  id: string;
  /** or the address; "" when neither is known */
  name: string;
}

export interface InboxPersonInput {
  person_id: string;
}

export interface InboxStateInput {
  state: 'open' | 'done';
}

export interface KeptEvent {
  name: string;
  /** events kept; null: not counted */
  count?: number | null;
  /** kept so long; null: for ever */
  days?: number | null;
  /** when the first one arrived */
  oldest_at?: number | null;
}

export interface Key {
  id: string;
  name: string;
  scope: 'track' | 'ingest' | 'api';
  /** how it begins; the rest is shown once */
  prefix: string;
  created_at: number;
  /** last use, to the minute */
  used_at?: number | null;
}

export interface KeyInput {
  name: string;
  /** track: public, for web pages; ingest: your server; api: reads and changes */
  scope: 'track' | 'ingest' | 'api';
  /** name of the shop it reports for; default: the first */
  shop?: string | null;
}

export interface KeyMade {
  key: Key;
  /** shown this once */
  secret: string;
}

export interface Keys {
  keys: Key[];
}

export interface Kpi {
  name: string;
  label: string;
  formula: string;
  pitfalls: string;
  unit: 'count' | 'money' | 'share' | 'days' | 'per_person';
  /** Money in minor units, shares 0 to 1; null: cannot be given. */
  value?: number | null;
  money?: KpiMoney | null;
  /** What it rests on: people, or orders. */
  n: number;
  n_min: number;
  /** n is large enough to say something. */
  enough: boolean;
  /** 95 % interval. */
  low?: number | null;
  high?: number | null;
  /** Of the period before, of equal length and age. */
  previous?: number | null;
  /** There is a list of people behind it. */
  people: boolean;
  /** First day this figure looked at. */
  from?: string | null;
  to?: string | null;
  repeat_days?: number | null;
  window_days?: number | null;
}

export interface KpiMoney {
  minor: number;
  currency: string;
}

export interface KpiPeople {
  people: KpiPerson[];
  total: number;
  next?: string | null;
}

export interface KpiPerson {
  id: string;
  name?: string | null;
  email?: string | null;
  /** What the list is ordered by. */
  weight: number;
}

export interface Kpis {
  /** The moment the figures describe. */
  as_of: number;
  /** day_after_newest_order, or null: now. */
  as_of_reason?: string | null;
  /** When the orders were read. */
  built_at: number;
  zone: string;
  currency: string;
  from?: string | null;
  to?: string | null;
  /** Counted, but without a known rate. */
  unrated_orders: number;
  unrated_refunds: number;
  /** Median gap between purchases. */
  proposed_gap_days: number;
  kpis: Kpi[];
}

export interface Law {
  country: string;
  /** null: the country's law has no such basis */
  law?: string | null;
  citation?: string | null;
  /** After the last order; null: no term */
  expires_days?: number | null;
  /** What is to be shown and confirmed */
  text?: string | null;
  /** Of this country, without a basis now */
  people: number;
}

export interface Laws {
  laws: Law[];
  /** People without a basis whose country is not known, or not in the table */
  unknown_country: number;
}

export interface Letter {
  /** whether you get it on Monday mornings */
  wanted: boolean;
  /** how it would reach you now; none: no sender was tested */
  way: 'none' | 'mailbox' | 'smtp';
  /** null while there are no orders */
  subject?: string | null;
  text?: string | null;
}

export interface LetterInput {
  wanted: boolean;
}

export interface Link {
  purpose: 'setup' | 'invite' | 'reset';
  email?: string | null;
  name?: string | null;
}

export interface LinkInput {
  name?: string | null;
  password: string;
}

export interface Live {
  items: LiveItem[];
  /** Since Kith started. */
  accepted: number;
  duplicate: number;
  refused: number;
}

export interface LiveItem {
  /** Rises by one from item to item. */
  number: number;
  at: number;
  status: 'accepted' | 'refused' | 'duplicate';
  type?: string | null;
  name?: string | null;
  /** The person's id; null for a visitor. */
  person?: string | null;
  /** The id it came with. */
  who?: string | null;
  visitor: boolean;
  source?: string | null;
  key?: string | null;
  reason?: string | null;
  properties: Record<string, unknown>;
}

export interface LoginInput {
  email: string;
  password: string;
}

export interface Made {
  id: string;
}

export interface MailDesign {
  logo_url?: string | null;
  /** #1f5f4f */
  colour?: string | null;
  background?: string | null;
}

export interface MailHeader {
  name: string;
  value: string;
}

export interface MailReadiness {
  ready: boolean;
  postal_address: boolean;
  /** A test mail was taken, or none is needed */
  sender_test: boolean;
  /** Domain and links were checked and are good, or need not be */
  address: boolean;
  /** Mails stay on this machine: neither test nor address is needed */
  local: boolean;
  /** Somebody unsubscribed from a test mail, and that came back */
  round_trip: boolean;
}

export interface Mailbox {
  mails: MailboxMail[];
  /** cursor of the next page; null at the end */
  next?: string | null;
  total: number;
}

export interface MailboxMail {
  id: string;
  at: number;
  from: string;
  to: string;
  subject: string;
  bytes: number;
}

export interface MailboxMailWhole {
  id: string;
  at: number;
  from: string;
  to: string;
  subject: string;
  bytes: number;
  text?: string | null;
  /** show it in a sandboxed frame only */
  html?: string | null;
  headers: MailHeader[];
}

export interface Manners {
  /** Minutes of the day; not at night from here */
  quiet_from: number;
  /** Minutes of the day; equal: no quiet hours */
  quiet_to: number;
  /** Mails in seven days; 0: any number */
  per_week: number;
  /** Between two mails; 0: none */
  gap_hours: number;
}

export interface MatchesShop {
  state: string;
  differs: number;
}

export interface MergeInput {
  other: string;
}

export interface Merged {
  merge_id: string;
}

export interface Money {
  /** minor units of the currency */
  minor: number;
  /** ISO 4217 */
  currency: string;
}

export interface NoteInput {
  body: string;
}

export interface OrderFound {
  id: string;
  order_key: string;
  /** Who bought it; null when nobody is known */
  person?: string | null;
  at: number;
  state: string;
  revenue: Money;
  net_revenue: Money;
}

export interface OrderMade {
  id: string;
  created: boolean;
}

export interface OrdersFound {
  orders: OrderFound[];
}

export interface Parked {
  id: string;
  stage: string;
  reason: string;
  at: number;
}

export interface ParkedItems {
  parked: Parked[];
}

export interface PeoplePage {
  people: PersonRow[];
  total: number;
  next?: string | null;
}

export interface PermissionCount {
  channel: string;
  topic: string;
  /** The moment the answer is of */
  at: number;
  total: number;
  may: number;
  may_not: number;
  /** Those with people behind them */
  reasons: PermissionReason[];
}

export interface PermissionPeople {
  people: PermissionPerson[];
  total: number;
  /** Cursor of the next page */
  next?: string | null;
}

export interface PermissionPerson {
  id: string;
  name?: string | null;
  email?: string | null;
  country?: string | null;
  reason: 'granted' | 'existing_customer' | 'pending' | 'expired' | 'no_basis' | 'declined' | 'denied' | 'unsubscribed' | 'complained' | 'bounced' | 'cleaned' | 'manual' | 'unconfirmed_address' | 'no_address' | 'erased';
  may: boolean;
  /** When what permits it runs out */
  expires_at?: number | null;
}

export interface PermissionReason {
  reason: 'granted' | 'existing_customer' | 'pending' | 'expired' | 'no_basis' | 'declined' | 'denied' | 'unsubscribed' | 'complained' | 'bounced' | 'cleaned' | 'manual' | 'unconfirmed_address' | 'no_address' | 'erased';
  may: boolean;
  count: number;
}

export interface Person {
  id: string;
  /** Set, and all else absent, when merged into somebody */
  merged_into?: string | null;
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  country?: string | null;
  created_at?: number | null;
  local_zone?: string | null;
  identities?: PersonIdentity[] | null;
  traits?: PersonTrait[] | null;
  consents?: PersonConsent[] | null;
  tags?: string[] | null;
  notes?: PersonNote[] | null;
  figures?: PersonFigures | null;
  links?: PersonLink[] | null;
}

export interface PersonConsent {
  id: string;
  channel: string;
  topic: string;
  state: string;
  basis: string;
  source: string;
  occurred_at: number;
  expires_at?: number | null;
  text?: string | null;
  proof?: string | null;
  address?: string | null;
  actor: string;
  by_person: boolean;
}

export interface PersonFigures {
  orders: number;
  spent: Money;
  net: Money;
  first_order_at?: number | null;
  last_order_at?: number | null;
  median_gap_days?: number | null;
  quiet_days?: number | null;
  quiet: boolean;
  next_expected_at?: number | null;
}

export interface PersonIdentity {
  kind: string;
  value: string;
  source: string;
  state: string;
  first_seen_at: number;
  last_seen_at: number;
}

export interface PersonInput {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  user_id?: string | null;
  /** Facts, by name */
  traits?: unknown;
  note?: string | null;
}

export interface PersonLink {
  merge_id: string;
  other: string;
  at: number;
  actor: string;
  reason: string;
  undone_at?: number | null;
}

export interface PersonNote {
  id: string;
  body: string;
  author: string;
  at: number;
}

export interface PersonPermission {
  channel: string;
  topic: string;
  at: number;
  may: boolean;
  reason: 'granted' | 'existing_customer' | 'pending' | 'expired' | 'no_basis' | 'declined' | 'denied' | 'unsubscribed' | 'complained' | 'bounced' | 'cleaned' | 'manual' | 'unconfirmed_address' | 'no_address' | 'erased';
  /** Where they are, or would be, written to */
  address?: string | null;
  expires_at?: number | null;
  /** The permission or refusal it rests on */
  consent_id?: string | null;
  attestation_id?: string | null;
}

export interface PersonRow {
  id: string;
  name?: string | null;
  email?: string | null;
  country?: string | null;
  created_at: number;
  orders: number;
  spent: Money;
  first_order_at?: number | null;
  last_order_at?: number | null;
  tags: string[];
  quiet: boolean;
  quiet_days?: number | null;
  usual_gap_days?: number | null;
}

export interface PersonSegment {
  id: string;
  name: string;
  kind: 'rule' | 'list';
  rule: string;
  /** This person is in it at this moment. */
  holds: boolean;
  /** Of watched segments: since when. */
  since?: number | null;
}

export interface PersonSegments {
  /** By name. */
  segments: PersonSegment[];
  at: number;
}

export interface PersonTrait {
  name: string;
  value?: unknown;
  source: string;
  trust: string;
  occurred_at: number;
  received_at: number;
  unconfirmed: boolean;
}

export interface ReadyGroup {
  key: string;
  name: string;
  rule: string;
  count: number;
  /** The moment this group is judged at. */
  as_of: number;
  sample: GroupFace[];
}

export interface ReadyGroups {
  as_of: number;
  /** day_after_newest_order, or null: now. */
  as_of_reason?: string | null;
  zone: string;
  /** All people of the store. */
  people: number;
  groups: ReadyGroup[];
}

export interface Reason {
  /** Stable; the sentence is not. */
  code: string;
  /** What the sentence is about, in its order. */
  values: string[];
}

export interface ReconcileTotal {
  shop: KpiMoney;
  kith: KpiMoney;
}

export interface Reconciled {
  import?: string | null;
  shop_orders: number;
  kith_orders: number;
  shop_total: KpiMoney;
  kith_total: KpiMoney;
  /** Per currency. */
  totals: ReconcileTotal[];
  differs: Difference[];
  differs_count: number;
  next?: string | null;
}

export interface Retention {
  events: KeptEvent[];
}

export interface RetentionInput {
  name: string;
  /** null: for ever */
  days?: number | null;
}

export interface RuleChecked {
  valid: boolean;
  /** The canonical text of a valid rule. */
  rule?: string | null;
  /** A valid rule as JSON. */
  json?: unknown;
  problem?: RuleProblem | null;
}

export interface RuleInput {
  /** The text of a rule; docs/rules.md has the language. */
  rule?: string | null;
  /** The same rule as JSON, instead of `rule`. */
  json?: unknown;
  /** Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00. */
  at?: string | null;
}

export interface RuleProblem {
  message: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  /** From 0, in bytes of UTF-8. */
  offset: number;
  /** A name that was probably meant. */
  suggestion?: string | null;
  reason?: Reason | null;
  /** Of reasons rule-expected… and rule-ends: what should stand there, by a stable code (parse_expect.c); `word`: the first value of the reason. */
  expected?: string | null;
}

export interface SavedSegment {
  id: string;
  name: string;
  kind: 'rule' | 'list';
  /** Of a list: in segment and its own name. */
  rule: string;
  created_at: number;
  changed_at: number;
  /** Since when a record is kept of who comes and goes. */
  watched_at?: number | null;
}

export interface SavedSegments {
  segments: SavedSegment[];
}

export interface SegmentBreakdown {
  count: number;
  people: number;
  at: number;
  values: SegmentShare[];
  /** Of the group, with other values, or with such as fewer than five people have. */
  rest: number;
  /** Of the group, without any. */
  missing: number;
}

export interface SegmentBreakdownInput {
  /** The text of a rule; docs/rules.md has the language. */
  rule?: string | null;
  /** The same rule as JSON, instead of `rule`. */
  json?: unknown;
  /** Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00. */
  at?: string | null;
  /** The names that lead to a trait. */
  by: string[];
}

export interface SegmentCost {
  /** What the rule is read from: columns (in memory), sql (the database) or both. */
  engine: 'sql' | 'columns' | 'both';
  /** Looked at in memory: events within their windows, values of people. */
  entries: number;
  /** Read from the database. */
  rows: number;
  /** Who are judged. */
  people: number;
  /** How long this whole answer took; the next is as long, or shorter once columns hold what the rule names. */
  took_ms: number;
}

export interface SegmentCount {
  /** People for whom the rule is true. */
  count: number;
  /** All people of the store. */
  people: number;
  at: number;
  zone: string;
  /** The canonical text. */
  rule: string;
  /** What it was read from: columns (in memory), sql (the database) or both. */
  engine: string;
}

export interface SegmentExportInput {
  /** The text of a rule; docs/rules.md has the language. */
  rule: string;
  /** Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00. */
  at?: string | null;
  /** In this order; none: all of them. */
  columns?: ('id' | 'name' | 'email' | 'country' | 'created_at' | 'orders' | 'spent' | 'currency' | 'first_order_at' | 'last_order_at' | 'tags')[] | null;
}

export interface SegmentFile {
  columns: SegmentFileColumn[];
  column: string;
  by: 'auto' | 'email' | 'user_id' | 'person_id';
  rows: number;
  /** Different people. */
  found: number;
  /** Rows of people named before. */
  repeated: number;
  /** Rows that name nobody. */
  empty: number;
  /** Rows of somebody who is not known here. */
  unknown: number;
  unknown_sample: SegmentFileUnknown[];
  /** What was done; null after a dry run. */
  picked?: SegmentPicked | null;
}

export interface SegmentFileColumn {
  name: string;
  samples: string[];
}

export interface SegmentFileUnknown {
  line: number;
  value: string;
}

export interface SegmentFlow {
  count: number;
  /** How many it was then. */
  before: number;
  from: number;
  at: number;
  entered: number;
  left: number;
  entered_sample: GroupFace[];
  left_sample: GroupFace[];
}

export interface SegmentFlowInput {
  /** The text of a rule; docs/rules.md has the language. */
  rule?: string | null;
  /** The same rule as JSON, instead of `rule`. */
  json?: unknown;
  /** Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00. */
  at?: string | null;
  /** Compared with so many times 24 hours before. */
  days?: number | null;
}

export interface SegmentInput {
  name?: string | null;
  /** The text of a rule; docs/rules.md has the language. */
  rule?: string | null;
  /** Whom a change of a watched rule moves gets Segment Entered or Exited; else nobody. */
  notify?: boolean | null;
}

export interface SegmentListInput {
  name: string;
  /** Ids of people to put on it. */
  people?: string[] | null;
  /** Whoever this rule means at this moment is put on it too. */
  rule?: string | null;
}

export interface SegmentMembersInput {
  /** Ids of people to put on the list. */
  add?: string[] | null;
  /** Ids of people to take off it. */
  remove?: string[] | null;
  /** Whoever this rule means at this moment is put on it too. */
  rule?: string | null;
}

export interface SegmentNames {
  events: SuggestedEvent[];
  /** Events looked at, the newest. */
  looked_at: number;
  traits: SuggestedField[];
  tags: string[];
}

export interface SegmentOther {
  rule: string;
  count: number;
  /** Who are in both. */
  both: number;
}

export interface SegmentOverlap {
  count: number;
  people: number;
  at: number;
  others: SegmentOther[];
}

export interface SegmentOverlapInput {
  /** The text of a rule; docs/rules.md has the language. */
  rule?: string | null;
  /** The same rule as JSON, instead of `rule`. */
  json?: unknown;
  /** Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00. */
  at?: string | null;
  /** Texts of rules it is compared with. */
  others: string[];
}

export interface SegmentPeople {
  people: PersonRow[];
  total: number;
  next?: string | null;
  at: number;
}

export interface SegmentPicked {
  id: string;
  added: number;
  removed: number;
  /** Were as they should be already. */
  same: number;
  /** Nobody has such an id. */
  unknown: number;
}

export interface SegmentPreview {
  /** People for whom the rule is true. */
  count: number;
  /** All people of the store. */
  people: number;
  /** Of the count, who may be written to by mail. */
  may: number;
  at: number;
  /** The canonical text. */
  rule: string;
  cost: SegmentCost;
  sample: GroupFace[];
}

export interface SegmentProperties {
  event: string;
  /** Events of that name looked at. */
  looked_at: number;
  properties: SuggestedField[];
}

export interface SegmentShare {
  value: unknown;
  /** Of the group. */
  count: number;
  /** Of everybody. */
  people: number;
}

export interface SegmentStep {
  person_id: string;
  /** As on the list of people; null: nameless, or not there any more. */
  name?: string | null;
  at: number;
  entered: boolean;
}

export interface SegmentSteps {
  /** The latest first. */
  steps: SegmentStep[];
}

export interface SegmentWatchInput {
  /** Whether a record is kept of who comes and goes; ending forgets it. */
  watched: boolean;
}

export interface SegmentWhy {
  person: GroupFace;
  rule: string;
  at: number;
  zone: string;
  holds: boolean;
  /** The first ms at which it is different if nothing happens; null: never. */
  flips_at?: number | null;
  /** Set when it was not looked at further: no difference before. */
  looked_until?: number | null;
  why: SegmentWhyPart;
}

export interface SegmentWhyInput {
  /** The text of a rule; docs/rules.md has the language. */
  rule?: string | null;
  /** The same rule as JSON, instead of `rule`. */
  json?: unknown;
  /** Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00. */
  at?: string | null;
  /** An id, an e-mail address, or a user id. */
  person: string;
}

export interface SegmentWhyPart {
  /** The part as text. */
  rule: string;
  holds: boolean;
  /** The first ms at which it is different if nothing happens; null: never. */
  flips_at?: number | null;
  /** Set when it was not looked at further: no difference before. */
  looked_until?: number | null;
  /** Occurrences in the window. */
  count?: number | null;
  /** The amount. */
  number?: number | null;
  /** What the trait says. */
  value?: unknown;
  /** Why somebody may be written to or not. */
  reason?: string | null;
  /** The last such event, in the window or not. */
  last_at?: number | null;
  parts: SegmentWhyPart[];
}

export interface Sender {
  transport: 'mailbox' | 'smtp';
  preset: string;
  host: string;
  port: number;
  security: 'plain' | 'starttls' | 'tls';
  user: string;
  /** it is never shown again */
  password_set: boolean;
  from_name: string;
  from_address: string;
  reply_to: string;
  postal_address: string;
  dkim_selector: string;
  /** mails a day; 0: no limit */
  daily_limit: number;
  /** a test arrived by the way that is set */
  ready: boolean;
  test: SenderTest;
  presets: SenderPreset[];
}

export interface SenderAddress {
  state: 'none' | 'running' | 'done';
  /** of the last check */
  at?: number | null;
  /** a mailing may leave this machine */
  good: boolean;
  /** the sender or the address changed since */
  stale: boolean;
  /** mails stay on this machine: none is needed */
  local: boolean;
  /** of the address that mails are from */
  domain: string;
  /** where links in mails lead */
  url: string;
  /** where the provider shows its record */
  dkim_page: string;
  findings: AddressFinding[];
  /** the last source that was looked at */
  mail?: AddressMail | null;
}

export interface SenderInput {
  transport: 'mailbox' | 'smtp';
  preset?: string | null;
  host?: string | null;
  port?: number | null;
  /** absent: starttls */
  security?: 'plain' | 'starttls' | 'tls' | null;
  user?: string | null;
  /** absent: as it is, for the same server and user; "": none */
  password?: string | null;
  from_name?: string | null;
  from_address?: string | null;
  reply_to?: string | null;
  postal_address?: string | null;
  dkim_selector?: string | null;
  daily_limit?: number | null;
}

export interface SenderPreset {
  name: string;
  label: string;
  /** "" where it depends on the region */
  host: string;
  port: number;
  security: 'plain' | 'starttls' | 'tls';
  /** 0: none that is the same for everybody */
  daily_limit: number;
  dkim_selector: string;
  /** where the provider says so */
  page: string;
}

export interface SenderTest {
  state: 'none' | 'running' | 'done';
  /** of the mail; in the local mailbox it is found by it */
  id?: string | null;
  at?: number | null;
  to?: string | null;
  outcome?: 'delivered' | 'refused-address' | 'refused-message' | 'refused-account' | 'later' | 'unknown' | 'held' | null;
  /** where in the dialogue it ended */
  phase?: 'connect' | 'greeting' | 'hello' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'end' | 'quit' | null;
  /** the server's, 250 or 550; 0: it did not answer */
  code?: number | null;
  /** RFC 3463, "5.1.1", or "" */
  status?: string | null;
  /** the server's words, or ours */
  text?: string | null;
  /** > what we said, < what the server said; without secrets */
  dialogue?: string | null;
}

export interface SenderTestInput {
  to: string;
}

export interface Session {
  /** null: nobody is signed in */
  user?: SessionUser | null;
  /** goes into x-csrf-token of every change */
  csrf: string;
  needs_setup: boolean;
  /** null: not set up yet */
  business?: SessionBusiness | null;
  demo: boolean;
  version: string;
}

export interface SessionBusiness {
  name: string;
  currency: string;
  zone: string;
  language: 'en' | 'de';
  /** usual days between purchases; null: fitted to the data */
  gap_days?: number | null;
}

export interface SessionUser {
  id: string;
  name: string;
  email: string;
  role: 'staff' | 'owner';
  language: 'en' | 'de';
}

export interface SetupInput {
  /** from the link that the first start printed */
  token: string;
  name: string;
  email: string;
  password: string;
  language?: 'en' | 'de' | null;
}

export interface Shop {
  id: string;
  name: string;
  currency?: string | null;
  zone?: string | null;
  created_at: number;
}

export interface ShopApi {
  vendor: 'shopify' | 'woocommerce';
  url: string;
  /** When the token was set */
  changed_at: number;
  /** When the shop is asked next */
  next_at: number;
  /** The newest first */
  runs: ShopReading[];
}

export interface ShopApiSettings {
  /** https://name.myshopify.com, or where WooCommerce's WordPress is */
  url: string;
  /** WooCommerce: the consumer key; Shopify: the app's client id, or nothing when the token is an Admin API access token */
  user?: string | null;
  /** Consumer secret, client secret or access token. Never shown again */
  token: string;
  /** The first reading asks for what changed since then; otherwise the last 60 days */
  read_from?: number | null;
}

export interface ShopApis {
  apis: ShopApi[];
}

export interface ShopHook {
  vendor: 'shopify' | 'woocommerce';
  /** The address to enter in the shop */
  url: string;
  /** When the secret was set */
  changed_at: number;
  /** The newest first */
  deliveries: HookDelivery[];
  /** Wrong signatures since the server started, the newest first */
  refusals: HookRefusal[];
}

export interface ShopHooks {
  hooks: ShopHook[];
}

export interface ShopInput {
  name: string;
}

export interface ShopMade {
  id: string;
}

export interface ShopReading {
  state: 'running' | 'done' | 'failed';
  /** What is read now, or was read last */
  stage: 'orders' | 'customers' | 'products';
  /** What changed since then was asked for */
  read_from: number;
  started_at: number;
  ended_at?: number | null;
  /** In a row without an answer of the shop */
  tries: number;
  pages: number;
  /** Read; a row may be read twice */
  orders: number;
  /** Had not come by webhook or file */
  orders_new: number;
  /** A change had not come */
  orders_changed: number;
  customers: number;
  products: number;
  /** Rows that could not be used */
  refused: number;
  /** Why it failed, or what was left out */
  reason?: string | null;
}

export interface Shops {
  shops: Shop[];
}

export interface Step {
  name: string;
  done: boolean;
}

export interface SuggestedEvent {
  name: string;
  /** Among the events looked at. */
  count: number;
  /** It has come in at least once. */
  seen: boolean;
}

export interface SuggestedField {
  /** The names that lead to it. */
  path: string[];
  /** text, number, flag or date. */
  type: string;
  /** How often it was met. */
  count: number;
  /** Frequent values that several people share; never of personal data. */
  values: SuggestedValue[];
}

export interface SuggestedValue {
  value: unknown;
  /** Who share it, of those looked at. */
  people: number;
}

export interface TagsInput {
  tags: string[];
}

export interface Timeline {
  items: TimelineItem[];
  /** Give it as `before` for older ones; null at the end. */
  next?: string | null;
  total: number;
}

export interface TimelineItem {
  id: string;
  name: string;
  family: 'order' | 'visit' | 'mail' | 'service' | 'other';
  /** The call it came by; kith: by Kith itself. */
  type: string;
  occurred_at: number;
  received_at: number;
  /** Name of the source. */
  source?: string | null;
  trust: string;
  confirmed: boolean;
  imported: boolean;
  /** Happened before we knew who it was. */
  visitor: boolean;
  /** What it was about, as far as it says; or empty. */
  text: string;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
  order?: TimelineOrder | null;
  money?: TimelineMoney | null;
}

export interface TimelineMoney {
  minor: number;
  currency: string;
}

export interface TimelineOrder {
  id: string;
  number: string;
  state: string;
  revenue: TimelineMoney;
  net_revenue: TimelineMoney;
  lines: TimelineOrderLine[];
}

export interface TimelineOrderLine {
  name: string;
  product_key: string;
  quantity: number;
  value: TimelineMoney;
}

export interface TraitInput {
  name: string;
  /** null ends the trait */
  value?: unknown;
}

export interface User {
  id: string;
  email: string;
  name: string;
  role: 'staff' | 'owner';
  language: string;
  /** has not taken up the invite yet */
  invited: boolean;
  created_at: number;
}

export interface UserInput {
  email: string;
  name: string;
  role?: 'staff' | 'owner' | null;
}

export interface UserLink {
  link: string;
  mail: 'none' | 'mailbox' | 'smtp';
}

export interface UserMade {
  user: User;
  /** to hand over; works once, for seven days */
  link: string;
  /** whether the link goes by mail too: smtp, or into the local mailbox */
  mail: 'none' | 'mailbox' | 'smtp';
}

export interface Users {
  users: User[];
}

export interface WatchedSegment {
  id: string;
  name: string;
  /** Rises with every change of the rule. */
  version: number;
  members: number;
  /** In the last 24 hours. */
  entered: number;
  /** In the last 24 hours. */
  left: number;
  /** When watching began. */
  since: number;
  /** When somebody last came in or left; null: nobody yet. */
  last_at?: number | null;
}

export interface WatchedSegments {
  segments: WatchedSegment[];
  /** Up to when the records are complete, or were last counted if that takes long. */
  as_of: number;
  /** Age of the oldest change not judged yet. */
  lag_ms: number;
}

/** Every route: what goes in, what comes out. */
export interface Routes {
  'GET /api/address': { query: null; request: null; reply: SenderAddress };
  'POST /api/address/check': { query: null; request: null; reply: SenderAddress };
  'POST /api/address/mail': { query: null; request: AddressMailInput; reply: SenderAddress };
  'GET /api/attention': { query: null; request: null; reply: ParkedItems };
  'POST /api/attention/{id}': { query: null; request: AttentionInput; reply: Done };
  'GET /api/audit': { query: { cursor?: string }; request: null; reply: Audit };
  'GET /api/business': { query: null; request: null; reply: Business };
  'PUT /api/business': { query: null; request: BusinessInput; reply: Business };
  'GET /api/campaigns': { query: null; request: null; reply: Campaigns };
  'POST /api/campaigns': { query: null; request: CampaignInput; reply: Campaign };
  'DELETE /api/campaigns/{id}': { query: null; request: null; reply: null };
  'GET /api/campaigns/{id}': { query: null; request: null; reply: Campaign };
  'PUT /api/campaigns/{id}': { query: null; request: CampaignInput; reply: Campaign };
  'POST /api/campaigns/{id}/dry-run': { query: null; request: null; reply: CampaignDryRun };
  'GET /api/campaigns/{id}/people': { query: { state?: string; reason?: string; after?: string }; request: null; reply: CampaignPeople };
  'POST /api/campaigns/{id}/preview': { query: null; request: CampaignPreviewInput; reply: CampaignPreview };
  'GET /api/campaigns/{id}/preview/html': { query: { person_id?: string }; request: null; reply: null };
  'GET /api/campaigns/{id}/result': { query: null; request: null; reply: CampaignResult };
  'POST /api/campaigns/{id}/send': { query: null; request: CampaignSendInput; reply: Campaign };
  'POST /api/campaigns/{id}/stop': { query: null; request: null; reply: Campaign };
  'GET /api/campaigns/{id}/test': { query: null; request: null; reply: CampaignTest };
  'POST /api/campaigns/{id}/test': { query: null; request: CampaignTestInput; reply: null };
  'POST /api/campaigns/{id}/undo': { query: null; request: null; reply: Campaign };
  'GET /api/cohorts': { query: { from?: string; to?: string; zone?: string; cursor?: number }; request: null; reply: Cohorts };
  'GET /api/curves': { query: { from?: string; to?: string; zone?: string; cursor?: number }; request: null; reply: Curves };
  'GET /api/disk': { query: null; request: null; reply: Disk };
  'GET /api/groups': { query: null; request: null; reply: ReadyGroups };
  'GET /api/home': { query: null; request: null; reply: Home };
  'GET /api/imports': { query: null; request: null; reply: Imports };
  'POST /api/imports': { query: { name: string; kind?: 'auto' | 'orders' | 'customers' | 'products' | 'events' | 'rates' | 'consents' | 'suppressions' }; request: null; reply: ImportId };
  'DELETE /api/imports/{id}': { query: null; request: null; reply: null };
  'GET /api/imports/{id}': { query: null; request: null; reply: Import };
  'PUT /api/imports/{id}': { query: null; request: ImportChange; reply: Import };
  'GET /api/imports/{id}/rejected': { query: null; request: null; reply: null };
  'POST /api/imports/{id}/start': { query: null; request: null; reply: null };
  'POST /api/imports/{id}/stop': { query: null; request: null; reply: null };
  'GET /api/inbound': { query: null; request: null; reply: InboundSource };
  'PUT /api/inbound': { query: null; request: InboundSourceInput; reply: InboundSource };
  'POST /api/inbound/read': { query: null; request: null; reply: InboundSource };
  'GET /api/inbox': { query: { state?: 'open' | 'done' | 'apart'; cursor?: string }; request: null; reply: Inbox };
  'GET /api/inbox/{id}': { query: null; request: null; reply: InboxConversationWhole };
  'POST /api/inbox/{id}/answers': { query: null; request: InboxAnswerInput; reply: InboxConversationWhole };
  'PUT /api/inbox/{id}/person': { query: null; request: InboxPersonInput; reply: InboxConversationWhole };
  'PUT /api/inbox/{id}/state': { query: null; request: InboxStateInput; reply: InboxConversationWhole };
  'POST /api/inbox/{id}/stop': { query: null; request: null; reply: InboxConversationWhole };
  'GET /api/keys': { query: null; request: null; reply: Keys };
  'POST /api/keys': { query: null; request: KeyInput; reply: KeyMade };
  'DELETE /api/keys/{id}': { query: null; request: null; reply: Done };
  'GET /api/kpis': { query: { from?: string; to?: string; zone?: string; cursor?: number }; request: null; reply: Kpis };
  'GET /api/kpis/{name}/people': { query: { from?: string; to?: string; zone?: string; cursor?: number }; request: null; reply: KpiPeople };
  'GET /api/letter': { query: null; request: null; reply: Letter };
  'PUT /api/letter': { query: null; request: LetterInput; reply: Letter };
  'GET /api/links/{token}': { query: null; request: null; reply: Link };
  'POST /api/links/{token}': { query: null; request: LinkInput; reply: Session };
  'GET /api/live': { query: { limit?: number; after?: number }; request: null; reply: Live };
  'GET /api/live/stream': { query: null; request: null; reply: null };
  'GET /api/mail/design': { query: null; request: null; reply: MailDesign };
  'PUT /api/mail/design': { query: null; request: MailDesign; reply: MailDesign };
  'GET /api/mail/manners': { query: null; request: null; reply: Manners };
  'PUT /api/mail/manners': { query: null; request: Manners; reply: Manners };
  'GET /api/mail/readiness': { query: null; request: null; reply: MailReadiness };
  'DELETE /api/mailbox': { query: null; request: null; reply: null };
  'GET /api/mailbox': { query: { cursor?: string }; request: null; reply: Mailbox };
  'GET /api/mailbox/{id}': { query: null; request: null; reply: MailboxMailWhole };
  'GET /api/mailbox/{id}/html': { query: null; request: null; reply: null };
  'GET /api/mailbox/{id}/raw': { query: null; request: null; reply: null };
  'POST /api/merges/{id}/undo': { query: null; request: null; reply: null };
  'GET /api/openapi.json': { query: null; request: null; reply: null };
  'GET /api/orders': { query: { q: string }; request: null; reply: OrdersFound };
  'GET /api/people': { query: { q?: string; sort?: 'name' | 'last_order' | 'orders' | 'spent' | 'quiet' | 'created'; order?: 'asc' | 'desc'; cursor?: string; limit?: number; group?: 'all' | 'customers' | 'quiet' | 'new' | 'repeat'; kpi?: string; from?: string; to?: string }; request: null; reply: PeoplePage };
  'POST /api/people': { query: null; request: PersonInput; reply: Made };
  'DELETE /api/people/{id}': { query: null; request: null; reply: Erased };
  'GET /api/people/{id}': { query: null; request: null; reply: Person };
  'POST /api/people/{id}/consents': { query: null; request: ConsentInput; reply: null };
  'GET /api/people/{id}/export': { query: null; request: null; reply: null };
  'POST /api/people/{id}/merge': { query: null; request: MergeInput; reply: Merged };
  'POST /api/people/{id}/notes': { query: null; request: NoteInput; reply: Made };
  'DELETE /api/people/{id}/notes/{note}': { query: null; request: null; reply: null };
  'POST /api/people/{id}/orders': { query: null; request: HandOrder; reply: OrderMade };
  'DELETE /api/people/{id}/orders/{order}': { query: null; request: null; reply: null };
  'GET /api/people/{id}/permission': { query: { channel?: 'email' | 'sms' | 'phone' | 'whatsapp'; topic?: string }; request: null; reply: PersonPermission };
  'GET /api/people/{id}/segments': { query: null; request: null; reply: PersonSegments };
  'PUT /api/people/{id}/tags': { query: null; request: TagsInput; reply: null };
  'GET /api/people/{id}/timeline': { query: { before?: string; family?: 'order' | 'visit' | 'mail' | 'service' | 'other'; limit?: number }; request: null; reply: Timeline };
  'PUT /api/people/{id}/traits': { query: null; request: TraitInput; reply: null };
  'GET /api/permission': { query: { channel?: 'email' | 'sms' | 'phone' | 'whatsapp'; topic?: string }; request: null; reply: PermissionCount };
  'POST /api/permission/attest': { query: null; request: AttestInput; reply: Attested };
  'GET /api/permission/attestations': { query: null; request: null; reply: Attestations };
  'DELETE /api/permission/attestations/{id}': { query: null; request: null; reply: null };
  'GET /api/permission/laws': { query: { channel?: 'email' | 'sms' | 'phone' | 'whatsapp'; topic?: string; language?: 'en' | 'de' }; request: null; reply: Laws };
  'GET /api/permission/people': { query: { channel?: 'email' | 'sms' | 'phone' | 'whatsapp'; topic?: string; reason?: 'may' | 'may_not' | 'granted' | 'existing_customer' | 'pending' | 'expired' | 'no_basis' | 'declined' | 'denied' | 'unsubscribed' | 'complained' | 'bounced' | 'cleaned' | 'manual' | 'unconfirmed_address' | 'no_address' | 'erased'; cursor?: string; limit?: number }; request: null; reply: PermissionPeople };
  'GET /api/reconcile': { query: { import?: string; cursor?: number }; request: null; reply: Reconciled };
  'GET /api/retention': { query: null; request: null; reply: Retention };
  'PUT /api/retention': { query: null; request: RetentionInput; reply: Retention };
  'GET /api/segments': { query: null; request: null; reply: SavedSegments };
  'POST /api/segments': { query: null; request: SegmentInput; reply: SavedSegment };
  'POST /api/segments/breakdown': { query: null; request: SegmentBreakdownInput; reply: SegmentBreakdown };
  'POST /api/segments/check': { query: null; request: RuleInput; reply: RuleChecked };
  'POST /api/segments/count': { query: null; request: RuleInput; reply: SegmentCount };
  'POST /api/segments/export': { query: null; request: SegmentExportInput; reply: null };
  'POST /api/segments/file': { query: { name?: string; id?: string; column?: string; by?: 'auto' | 'email' | 'user_id' | 'person_id'; dry_run?: boolean }; request: null; reply: SegmentFile };
  'POST /api/segments/flow': { query: null; request: SegmentFlowInput; reply: SegmentFlow };
  'POST /api/segments/lists': { query: null; request: SegmentListInput; reply: SegmentPicked };
  'GET /api/segments/names': { query: null; request: null; reply: SegmentNames };
  'GET /api/segments/names/{event}/properties': { query: null; request: null; reply: SegmentProperties };
  'POST /api/segments/overlap': { query: null; request: SegmentOverlapInput; reply: SegmentOverlap };
  'GET /api/segments/people': { query: { rule: string; at?: string; cursor?: string; limit?: number }; request: null; reply: SegmentPeople };
  'POST /api/segments/preview': { query: null; request: RuleInput; reply: SegmentPreview };
  'GET /api/segments/watched': { query: null; request: null; reply: WatchedSegments };
  'POST /api/segments/why': { query: null; request: SegmentWhyInput; reply: SegmentWhy };
  'DELETE /api/segments/{id}': { query: null; request: null; reply: null };
  'GET /api/segments/{id}': { query: null; request: null; reply: SavedSegment };
  'PUT /api/segments/{id}': { query: null; request: SegmentInput; reply: SavedSegment };
  'POST /api/segments/{id}/members': { query: null; request: SegmentMembersInput; reply: SegmentPicked };
  'GET /api/segments/{id}/steps': { query: { limit?: number }; request: null; reply: SegmentSteps };
  'PUT /api/segments/{id}/watch': { query: null; request: SegmentWatchInput; reply: null };
  'GET /api/sender': { query: null; request: null; reply: Sender };
  'PUT /api/sender': { query: null; request: SenderInput; reply: Sender };
  'POST /api/sender/test': { query: null; request: SenderTestInput; reply: Sender };
  'DELETE /api/session': { query: null; request: null; reply: Done };
  'GET /api/session': { query: null; request: null; reply: Session };
  'POST /api/session': { query: null; request: LoginInput; reply: Session };
  'POST /api/setup': { query: null; request: SetupInput; reply: Session };
  'GET /api/shops': { query: null; request: null; reply: Shops };
  'POST /api/shops': { query: null; request: ShopInput; reply: ShopMade };
  'GET /api/shops/{id}/apis': { query: null; request: null; reply: ShopApis };
  'DELETE /api/shops/{id}/apis/{vendor}': { query: null; request: null; reply: null };
  'PUT /api/shops/{id}/apis/{vendor}': { query: null; request: ShopApiSettings; reply: ShopApis };
  'POST /api/shops/{id}/apis/{vendor}/reconcile': { query: null; request: null; reply: ShopApis };
  'GET /api/shops/{id}/hooks': { query: null; request: null; reply: ShopHooks };
  'DELETE /api/shops/{id}/hooks/{vendor}': { query: null; request: null; reply: null };
  'PUT /api/shops/{id}/hooks/{vendor}': { query: null; request: HookSecret; reply: ShopHooks };
  'GET /api/users': { query: null; request: null; reply: Users };
  'POST /api/users': { query: null; request: UserInput; reply: UserMade };
  'DELETE /api/users/{id}': { query: null; request: null; reply: Done };
  'POST /api/users/{id}/reset': { query: null; request: null; reply: UserLink };
  'GET /healthz': { query: null; request: null; reply: Health };
  'GET /metrics': { query: null; request: null; reply: null };
  'GET /readyz': { query: null; request: null; reply: Health };
  'POST /v1/alias': { query: null; request: null; reply: null };
  'POST /v1/batch': { query: null; request: null; reply: null };
  'POST /v1/group': { query: null; request: null; reply: null };
  'POST /v1/identify': { query: null; request: null; reply: null };
  'POST /v1/page': { query: null; request: null; reply: null };
  'GET /v1/projects/{key}/settings': { query: null; request: null; reply: null };
  'POST /v1/screen': { query: null; request: null; reply: null };
  'POST /v1/track': { query: null; request: null; reply: null };
}
