import { CopyButton } from '../../../ui/copy-button.tsx'
import { QrCode } from '../../../ui/qr-code.tsx'
import { Section } from '../../../ui/page.tsx'

const chains = { base: 'Base', 'base-sepolia': 'Base Sepolia' } as const

interface ReceiveSectionProps {
  address: string
  network: keyof typeof chains
  explorerUrl: string | undefined
}

/** Where the wallet gets money, to copy and to scan. */
export const ReceiveSection = ({ address, network, explorerUrl }: ReceiveSectionProps) => (
  <Section title="Receive USDC or ether" about={`Only on ${chains[network]}: what is sent on another chain is lost.`}>
    <div className="flex flex-wrap items-center gap-5">
      <QrCode text={address} label="The address as a QR code" />
      <div className="grid min-w-0 flex-1 basis-60 gap-3">
        <code className="font-mono text-sm [overflow-wrap:anywhere]">{address}</code>
        <div className="flex flex-wrap items-center gap-4">
          <CopyButton text={address} what="the address" />
          {explorerUrl && (
            <a className="text-sm underline underline-offset-4" href={explorerUrl} target="_blank" rel="noreferrer">
              Look at it on the chain
            </a>
          )}
        </div>
      </div>
    </div>
  </Section>
)
