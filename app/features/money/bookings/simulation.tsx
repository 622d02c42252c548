import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { TextField } from '../../../ui/field.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { PayoutList } from './payout-list.tsx'

const AMOUNT = /^\d{1,9}(\.\d{1,6})?$/

/** What the usual people would get of a booking. */
export function Simulation() {
  const trpc = useTRPC()
  const [amount, setAmount] = useState('400')
  const isAmount = AMOUNT.test(amount)
  const booking = { guarantee: isAmount ? Number(amount) : 0 }
  const { data, error } = useQuery(trpc.bookings.simulate.queryOptions({ booking }, { enabled: isAmount }))
  return (
    <Section title="Simulation" about="The usual shares. Nothing is stored, and nothing is paid.">
      <div className="grid gap-4">
        <TextField
          label="Guarantee (USDC)"
          inputMode="decimal"
          value={amount}
          error={isAmount ? undefined : 'Expected USDC, such as 400 or 357.50'}
          onChange={(event) => setAmount(event.target.value)}
        />
        {error && <ErrorNotice error={error} />}
        {data && (
          <>
            <PayoutList
              payouts={data.splits.map(({ role, percentage, amount }) => ({
                recipient: `${role}, ${percentage} %`,
                amount: String(amount),
                status: 'simulated',
              }))}
            />
            <p className="text-sm text-muted">Fees on top: {data.fees.total} USDC</p>
          </>
        )}
      </div>
    </Section>
  )
}
