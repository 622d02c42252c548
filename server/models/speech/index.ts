export { synthesizeSpeech } from './speech.service.ts'
export { transcribe } from './transcription.service.ts'
