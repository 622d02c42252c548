import { z } from 'zod'
import { BookingSplitRule, CreateBooking } from '../../../../server/money/bookings/bookings.contract.ts'

const booking = CreateBooking.shape.booking.shape
const decimal = z
  .string()
  .trim()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'expected USDC, such as 400 or 357.50')

/** Lines of a text, each a share: percent, role, address, name. */
const SHARE = /^(\d{1,3}(?:\.\d{1,2})?)\s*%?\s+(artist|manager|agent|venue)\s+(0x[0-9a-fA-F]{40})\s+(.+)$/

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const readShare = (line: string): z.input<typeof BookingSplitRule> | undefined => {
  const [, percentage, role, recipientAddress, name] = SHARE.exec(line) ?? []
  return percentage === undefined
    ? undefined
    : { percentage: Number(percentage), role: role as 'artist', recipientAddress: recipientAddress!, name: name! }
}

/** The fields of the form as they are typed. */
export const BookingValues = z.object({
  venue: booking.venue,
  date: booking.date,
  guarantee: decimal,
  backend: decimal,
  deposit: decimal,
  shares: z
    .string()
    .refine((text) => linesOf(text).every((line) => readShare(line) !== undefined), 'expected lines such as "80 artist 0x… Ines Vale"')
    .refine((text) => booking.splitRules.safeParse(linesOf(text).map(readShare)).success, 'expected shares that add up to 100 percent'),
})
export type BookingValues = z.infer<typeof BookingValues>

export const toCommand = ({ shares, guarantee, backend, deposit, ...rest }: BookingValues): z.input<typeof CreateBooking> => ({
  booking: {
    ...rest,
    guarantee: Number(guarantee),
    backend: Number(backend),
    deposit: Number(deposit),
    splitRules: linesOf(shares).map((line) => readShare(line)!),
  },
})
