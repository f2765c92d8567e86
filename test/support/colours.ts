/** How far apart colours look, to people with and without a colour vision deficiency. */

type Vector = readonly [number, number, number];

/**
 * Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009):
 * complete protanopia, deuteranopia and tritanopia, on linear RGB.
 */
const DEFICIENCIES: Readonly<Record<'nothing' | 'red' | 'green' | 'blue', readonly [Vector, Vector, Vector]>> = {
  nothing: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  red: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  green: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  blue: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** sRGB's matrix to XYZ under D65, each row divided by the white point. */
const TO_XYZ: readonly [Vector, Vector, Vector] = [
  [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
  [0.2126, 0.7152, 0.0722],
  [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
];

const times = (matrix: readonly [Vector, Vector, Vector], [x, y, z]: Vector): Vector => {
  const row = ([a, b, c]: Vector): number => a * x + b * y + c * z;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
};

/**
 * What somebody who lacks the cones for a colour sees of another one.
 *
 * @param hex `#RRGGBB`.
 * @returns the colour in CIE L*a*b*.
 * @throws Error when it is no such colour.
 */
export function seenWithout(lacking: keyof typeof DEFICIENCIES, hex: string): Vector {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) {
    throw new Error(`${hex} is no colour like #009E73`);
  }
  const linear = (from: number): number => {
    const value = parseInt(hex.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const seen = times(DEFICIENCIES[lacking], [linear(1), linear(3), linear(5)]);
  const root = (value: number): number =>
    value > 216 / 24_389 ? Math.cbrt(value) : (value * 24_389) / 27 / 116 + 16 / 116;
  const [X, Y, Z] = times(TO_XYZ, seen);
  const [x, y, z] = [root(Math.max(0, X)), root(Math.max(0, Y)), root(Math.max(0, Z))];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The smallest distance of two of the colours (CIE 1976: 2.3 is just noticeable side by side). */
export function smallestDifference(colours: readonly Vector[]): number {
  const distances = colours.flatMap((one, index) =>
    colours.slice(index + 1).map((other) => Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])),
  );
  return Math.min(...distances);
}
