import type { ParsedMessage } from '@spruceid/siwe-parser'
import { InvalidInput } from '#server/platform/core/index.ts'

let parser: Promise<typeof import('@spruceid/siwe-parser')> | undefined

/**
 * Reads a message by the grammar of EIP-4361, to the letter. The parser is loaded when it is first needed.
 *
 * @throws InvalidInput naming `message` when it is no such message.
 */
export async function parseSignInMessage(text: string): Promise<ParsedMessage> {
  const { ParsedMessage } = await (parser ??= import('@spruceid/siwe-parser'))
  try {
    return new ParsedMessage(text)
  } catch {
    // What the parser says is for those who write parsers.
    throw new InvalidInput([{ field: 'message', message: 'expected a sign-in message as EIP-4361 describes it, with a nonce' }])
  }
}
