import clsx from 'clsx'
import type { SettlementStatus } from '../../../../server/money/settlements/settlements.contract.ts'

const words: Record<SettlementStatus, string> = {
  completed: 'paid',
  pending: 'on its way',
  simulated: 'only calculated',
  failed: 'failed',
  skipped: 'left out',
}

export interface ShownPayout {
  recipient: string
  address?: string | undefined
  /** USDC, for people. */
  amount: string
  status: SettlementStatus
  explorerUrl?: string | undefined
  /** What it waits for, or why nothing was paid. */
  note?: string | undefined
  /** What became of it, where that is not what its status says. */
  word?: string | undefined
}

/** Who gets how much, and what became of it. A transaction is a link: it is in the chain. */
export const PayoutList = ({ payouts }: { payouts: ShownPayout[] }) => (
  <ul className="grid gap-2 text-sm">
    {payouts.map(({ recipient, address, amount, status, explorerUrl, note, word = words[status] }, index) => (
      <li key={index} className="flex flex-wrap justify-between gap-x-4 rounded-lg bg-sunken px-3 py-2">
        <span className="min-w-0 [overflow-wrap:anywhere]">
          <span className="font-medium">{recipient}</span> <span className="font-mono text-xs text-muted">{address}</span>
          {note && <span className="block text-muted">{note}</span>}
        </span>
        <span>
          {amount} USDC{' · '}
          {explorerUrl === undefined ? (
            <span className={clsx(status === 'failed' && 'font-medium text-danger')}>{word}</span>
          ) : (
            <a className="underline" href={explorerUrl} rel="noreferrer" target="_blank">
              {word}
            </a>
          )}
        </span>
      </li>
    ))}
  </ul>
)
