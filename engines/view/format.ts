/** Numbers for people: few digits, always a unit. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const whole = (value: number): string => WHOLE.format(value);
export const kilowatts = (watts: number): string => `${(watts / 1_000).toFixed(watts < 100_000 ? 2 : 0)} kW`;
export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
export const megabytes = (bytes: number): string => `${whole(bytes / 1e6)} MB`;
export const milliseconds = (ms: number): string => (ms < 10_000 ? `${whole(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
