/* base/limits.h: every ceiling on what a stranger controls, each with its reason.
 *
 * A module keeps limits that concern nobody else in its own header; what several folders share,
 * or what protects the whole process, stands here. Sizes are bytes unless the name says else.
 */
#pragma once

enum {
    /* Tracking API (DESIGN section 9): RudderStack clients send up to 4 MB a batch. */
    LIMIT_BATCH_BYTES = 4 * 1024 * 1024,
    /* Segment's own limit per event is 32 KB; larger ones are refused one by one. */
    LIMIT_EVENT_BYTES = 32 * 1024,
    /* A gzip bomb stops here: four times the batch, real batches compress 5 to 10 times. */
    LIMIT_INFLATED_BYTES = 16 * 1024 * 1024,
    /* Segment allows 2,500 events a batch; twice that still fits the batch. */
    LIMIT_BATCH_EVENTS = 5000,
    /* JSON of the API: the largest request is a template or a journey graph. */
    LIMIT_REQUEST_BYTES = 2 * 1024 * 1024,
    /* Nesting: real events have 4 levels, journeys 12. */
    LIMIT_JSON_DEPTH = 32,
    /* Properties of one event; what more there is stays in the stored text only. */
    LIMIT_EVENT_PROPERTIES = 512,
    /* Names: event and property names end up in dictionaries held in memory. */
    LIMIT_NAME_BYTES = 200,
    LIMIT_EVENT_NAMES = 4096,
    /* Identity values: the longest real ones are e-mail addresses (254) and tokens. */
    LIMIT_IDENTITY_BYTES = 255,
    /* messageId: Segment says 100, clients of others use longer UUID chains. */
    LIMIT_MESSAGE_ID_BYTES = 255,
    /* One trait or property value that is text. */
    LIMIT_VALUE_BYTES = 8 * 1024,
    /* One CSV record: a Shopify product with its description reaches 300 KB. */
    LIMIT_CSV_RECORD_BYTES = 1024 * 1024,
    LIMIT_CSV_COLUMNS = 1024,
    /* Lines of one order: the largest real invoices have about 1,100. */
    LIMIT_ORDER_LINES = 20000,
    /* A rule over people (segments/): the longest that people write by hand have 2 KB; a list of
       values is the longest part. Brackets beyond 64 levels come from programs gone wrong. */
    LIMIT_RULE_BYTES = 16 * 1024,
    LIMIT_RULE_DEPTH = 64,
    LIMIT_RULE_PARTS = 1000,
    LIMIT_RULE_LIST = 500,
    /* Saved segments of one store, and how deep `in segment` may lead from one to the next. */
    LIMIT_SEGMENTS = 1000,
    LIMIT_SEGMENT_DEPTH = 16,
    /* People on one list, and rows of the file it is read from: a rule's group may be larger, a
       list is put together by hand or by another program, and is written row by row. */
    LIMIT_SEGMENT_PICKS = 100 * 1000,
    LIMIT_SEGMENT_FILE_BYTES = 64 * 1024 * 1024,
    /* Changes that wait for the columns: beyond, all is read anew. With payloads about 1 GB. */
    LIMIT_FEED_OPS = 2 * 1000 * 1000,
    /* Properties of one event that are held in memory: those that rules use. */
    LIMIT_FEED_PROPERTIES = 8,
    /* Traits (and what lists show, and tags) held in memory: those that rules use. One takes about
     * 50 bytes for each person who has it. */
    LIMIT_FEED_TRAITS = 24,
    /* An upload to the Import page; 10 M order lines are about 1 GB. */
    LIMIT_UPLOAD_MB = 4096,
    /* Templates (src/liquid). A mail of MJML is about 100 KB of HTML; Gmail cuts at 102 KB. */
    LIMIT_LIQUID_TEMPLATE_BYTES = 1024 * 1024,
    /* The tree of one template, 5 to 15 times its dense parts. */
    LIMIT_LIQUID_PARSE_BYTES = 32 * 1024 * 1024,
    /* Tags inside tags, brackets inside brackets, partials inside partials, each: real ones have
     * 8. Bounds the stack. */
    LIMIT_LIQUID_DEPTH = 50,
    /* Work of one rendering: a step is a tag written, a turn of a loop, an item a filter looks at
     * or 256 bytes of text it reads. A mail takes about 500; the limit is reached in 0.05 s. */
    LIMIT_LIQUID_STEPS = 1000 * 1000,
    /* What one rendering may write: ten times what any mailbox shows. */
    LIMIT_LIQUID_OUTPUT_BYTES = 2 * 1024 * 1024,
    /* One text made by a filter or captured. */
    LIMIT_LIQUID_TEXT_BYTES = 1024 * 1024,
    /* Items of one array made by a filter; (1..1000000000000) may be looped over, not collected. */
    LIMIT_LIQUID_ITEMS = 50 * 1000,
    /* All texts and arrays made by one rendering. */
    LIMIT_LIQUID_MEMORY_BYTES = 32 * 1024 * 1024,
    /* Different partials of one rendering. */
    LIMIT_LIQUID_PARTIALS = 64,
};
