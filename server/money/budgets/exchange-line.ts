/** What the database says of a period after an exchange. All amounts in whole units of the budget. */
export interface PeriodState {
  /** ISO 8601. */
  startsAt: string
  endsAt: string
  secondsLeft: number
  cap: number
  /** What calls took, all servers together. */
  spent: number
  /** What servers hold, this one included. */
  held: number
  /** What this server holds of it. */
  own: number
}

/** What one server says to the database about one lease. */
export interface ExchangeLine {
  budget: string
  account: string
  kind: string
  owner: string
  unit: string
  period: string
  zone: string
  cap: number
  lease: string
  /** Counted from 1, for each lease. */
  exchange: number
  /** Null for the window that runs now. */
  startsAt: string | null
  spent: number
  over: number
  back: number
  /** What all waiting calls may take at most, beyond what is free here. */
  need: number
  /** The least that would let one of them begin. */
  least: number
  /** What would be welcome on top, to go on with. */
  spare: number
  /** Whether a call was refused for it since. */
  refused: boolean
}
