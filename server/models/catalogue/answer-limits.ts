/** Longest answer in one piece: the longest a model writes are a few megabytes, pictures included. */
export const MAX_ANSWER_BYTES = 8_000_000
/** Longest answer bit by bit, where some 300 bytes carry one token: more tokens than any model writes. */
const MAX_STREAM_BYTES = 64_000_000
/** Longest event of such an answer; some carry a picture. */
const MAX_EVENT_BYTES = 2_000_000
export const streamLimits = { maxBytes: MAX_STREAM_BYTES, maxEventBytes: MAX_EVENT_BYTES } as const

/** Longest text of one answer of an agent, all steps together: four times what the most talkative models write. */
export const MAX_TEXT_CHARACTERS = 2_000_000
