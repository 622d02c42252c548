import { encode } from 'uqr'

/** Modules of the quiet zone, which readers look for. */
const BORDER = 2

/** A text as a QR code, drawn here: no picture is fetched and nobody else learns the text. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: BORDER })
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" className="size-40 rounded-lg bg-white">
      <path d={path} fill="black" />
    </svg>
  )
}
