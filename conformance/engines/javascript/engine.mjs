#!/usr/bin/env node
// SPDX-License-Identifier: CC0-1.0
//
// A qref engine for node, without packages: the quantized ONNX operators with float32 scales and 8-bit tensors.
// JavaScript's numbers are float64: Math.fround after one +, -, * or / of two float32 gives the float32 result, since
// rounding to 53 bits on the way does no harm where 53 >= 2·24 + 2. An exact quotient rounded once is taken in BigInt.

class Unsupported extends Error {}
const unsupported = (why) => { throw new Unsupported(why); };
const check = (condition, why) => { if (!condition) throw new Error(why); };

// ------------------------------------------------------------------------------------------------------ tensors

const DTYPES = {      // bytes, reader, writer, and for integers the limits
  int4: [1, 'getInt8', 'setInt8', -8, 7], uint4: [1, 'getUint8', 'setUint8', 0, 15],
  int8: [1, 'getInt8', 'setInt8', -128, 127], uint8: [1, 'getUint8', 'setUint8', 0, 255],
  int16: [2, 'getInt16', 'setInt16', -32768, 32767], uint16: [2, 'getUint16', 'setUint16', 0, 65535],
  int32: [4, 'getInt32', 'setInt32', -(2 ** 31), 2 ** 31 - 1], float32: [4, 'getFloat32', 'setFloat32'],
};
const size = (shape) => shape.reduce((a, b) => a * b, 1);
const sameShape = (a, b) => a.length === b.length && a.every((d, i) => d === b[i]);
const make = (dtype, shape, values) => ({ dtype, shape, values });
const checkSize = (shape) => { if (size(shape) > 2 ** 24) unsupported('an output larger than this engine takes'); };

function read(t) {
  if (t === null) return undefined;
  const isSize = (d) => Number.isSafeInteger(d) && d >= 0;
  check(Array.isArray(t.shape) && t.shape.every(isSize), 'a shape is no list of sizes');
  if (!Object.hasOwn(DTYPES, t.dtype)) unsupported(`dtype ${t.dtype}`);
  const [bytes, get] = DTYPES[t.dtype], count = size(t.shape);
  const data = Buffer.from(String(t.data), 'base64');
  check(data.length === count * bytes && data.toString('base64') === t.data, 'data does not fit dtype and shape');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return make(t.dtype, t.shape, Array.from({ length: count }, (_, i) => view[get](i * bytes, true)));
}

function written({ dtype, shape, values }) {
  const [bytes, , set] = DTYPES[dtype], view = new DataView(new ArrayBuffer(values.length * bytes));
  values.forEach((v, i) => view[set](i * bytes, v, true));
  return { dtype, shape, data: Buffer.from(view.buffer).toString('base64') };
}

function clamp(v, dtype) {
  const [, , , low, high] = DTYPES[dtype];
  return Math.min(Math.max(v, low), high);
}

// ----------------------------------------------------------------------------------------------------- rounding

function halfEven(v) {      // a float32, so v - floor(v) is exact
  const low = Math.floor(v), rest = v - low;
  if (!Number.isFinite(v)) return v;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

function decode(f) {      // a finite float32 as significand · 2^exponent
  const bits = new Uint32Array(new Float32Array([f]).buffer)[0];
  const biased = (bits >>> 23) & 255, fraction = bits & 0x7fffff;
  const significand = BigInt(biased ? fraction | 0x800000 : fraction);
  return [bits >>> 31 ? -significand : significand, (biased || 1) - 150];
}

// acc·sx·sw/sy exact, one rounding half to even, then the zero point.
function requantized(acc, sx, sw, sy, zeroPoint, dtype) {
  const [mx, ex] = decode(sx), [mw, ew] = decode(sw), [my, ey] = decode(sy), shift = BigInt(ex + ew - ey);
  let n = BigInt(acc) * mx * mw * (my < 0n ? -1n : 1n), d = my < 0n ? -my : my;
  if (shift >= 0n) n <<= shift; else d <<= -shift;
  let q = n / d, rest = n % d;
  if (rest < 0n) { q -= 1n; rest += d; }
  if (2n * rest > d || (2n * rest === d && q & 1n)) q += 1n;
  const most = 1n << 32n;      // clamped while exact: a Number would round
  return clamp(Number(q > most ? most : q < -most ? -most : q) + zeroPoint, dtype);
}

// ------------------------------------------------------------------- QuantizeLinear, DequantizeLinear, Dynamic…

const OPSETS = [10, 13, 19, 21, 23, 24, 25];
const EIGHT_BITS = ['int8', 'uint8'];
const quantizedTypes = (opset) => (opset < 21 ? EIGHT_BITS : [...EIGHT_BITS, 'int16', 'uint16', 'int4', 'uint4']);

// The index of the scale that belongs to element i.
function parameterIndex(x, scale, { opset, attributes }) {
  const { axis = 1, block_size: block = 0 } = attributes, rank = x.shape.length;
  check(block >= 0, 'block_size is negative');
  if (scale.shape.length === 0) return () => 0;
  check(opset > 10 || opset === 1, 'opset 10 knows scalar scales only');
  if (block > 0 && scale.shape.length === rank) unsupported('blocked quantization');
  check(axis >= -rank && axis < rank, `axis ${axis} is outside a tensor of rank ${rank}`);
  const at = axis < 0 ? axis + rank : axis, inner = size(x.shape.slice(at + 1));
  check(scale.shape.length === 1 && scale.shape[0] === x.shape[at], 'the scale does not fit the axis');
  return (i) => Math.floor(i / inner) % x.shape[at];
}

function checkZeroPoint(zeroPoint, scale, dtype) {
  if (!zeroPoint) return;
  check(zeroPoint.dtype === dtype, 'wrong type of zero point');
  check(sameShape(zeroPoint.shape, scale.shape), 'zero point and scale must have one shape');
}

function onlyAttributes({ opset, attributes }, since) {
  for (const name of Object.keys(attributes))
    check(Object.hasOwn(since, name) && opset >= since[name], `opset ${opset} has no attribute ${name}`);
}

function quantizeLinear(request, x, scale, zeroPoint) {
  const { opset, attributes } = request;
  onlyAttributes(request, { axis: 13, saturate: 19, block_size: 21, output_dtype: 21, precision: 23 });
  const names = { 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 21: 'uint4', 22: 'int4' };
  const declared = attributes.output_dtype || 0;
  if (declared && !names[declared]) unsupported(`output_dtype ${declared}`);
  const dtype = zeroPoint?.dtype ?? names[declared] ?? 'uint8';
  check(!declared || names[declared] === dtype, 'output_dtype is not the type of y_zero_point');
  if (!quantizedTypes(opset).includes(dtype)) unsupported(`quantizing to ${dtype}`);
  if (![0, 1].includes(attributes.precision ?? 0)) unsupported('precision other than float32');
  if (scale.dtype !== 'float32') unsupported('a y_scale that is not float32');
  check(x.dtype === 'float32' || (x.dtype === 'int32' && (opset < 19 || opset >= 23)), 'wrong type of x');
  const at = parameterIndex(x, scale, request);
  checkZeroPoint(zeroPoint, scale, dtype);
  return [make(dtype, x.shape, x.values.map((v, i) => {
    const q = halfEven(Math.fround(Math.fround(v) / scale.values[at(i)]));
    return clamp((Number.isNaN(q) ? 0 : q) + (zeroPoint?.values[at(i)] ?? 0), dtype);
  }))];
}

function dequantizeLinear(request, x, scale, zeroPoint) {
  const { opset, attributes } = request;
  onlyAttributes(request, { axis: 13, block_size: 21, output_dtype: 23 });
  if (![...quantizedTypes(opset), 'int32'].includes(x.dtype)) unsupported(`dequantizing ${x.dtype}`);
  if (scale.dtype !== 'float32') unsupported('an x_scale that is not float32');
  if (![0, 1].includes(attributes.output_dtype ?? 0)) unsupported('an output that is not float32');
  const at = parameterIndex(x, scale, request);
  checkZeroPoint(zeroPoint, scale, x.dtype);
  check(x.dtype !== 'int32' || !zeroPoint?.values.some((z) => z !== 0), 'int32 has no zero point but 0');
  return [make('float32', x.shape, x.values.map((v, i) => {
    const d = v - (zeroPoint?.values[at(i)] ?? 0);
    return Math.fround(Math.fround(d) * scale.values[at(i)]);
  }))];
}

function dynamicQuantizeLinear(request, x) {
  onlyAttributes(request, {});
  check(x.dtype === 'float32', 'x is not float32');
  if (x.values.length === 0 || !x.values.every(Number.isFinite)) unsupported('no text fixes an empty or non-finite x');
  const low = x.values.reduce((a, b) => Math.min(a, b), 0), high = x.values.reduce((a, b) => Math.max(a, b), 0);
  const scale = Math.fround(Math.fround(high - low) / 255);
  if (!(scale >= 2 ** -126 && scale < Infinity)) unsupported('no text fixes a zero, subnormal or infinite scale');
  const zeroPoint = halfEven(clamp(Math.fround(0 - Math.fround(low / scale)), 'uint8'));
  const y = x.values.map((v) => clamp(halfEven(Math.fround(v / scale)) + zeroPoint, 'uint8'));
  return [make('uint8', x.shape, y), make('float32', [], [scale]), make('uint8', [], [zeroPoint])];
}

// -------------------------------------------------------------------------------------------------- convolution

const isList = (list, n, least) => Array.isArray(list) && list.length === n
  && list.every((v) => Number.isSafeInteger(v) && v >= least);

// Everything about one convolution as three spatial dimensions; missing ones come first, of size 1.
function geometry({ attributes }, x, w) {
  const n = x.shape.length - 2, [batch, channels, ...sizes] = x.shape, [maps, depth, ...kernel] = w.shape;
  check(EIGHT_BITS.includes(x.dtype) && EIGHT_BITS.includes(w.dtype), 'x and w must be int8 or uint8');
  check(n >= 1 && w.shape.length === n + 2, 'x and w must have one rank, at least 3');
  if (n > 3) unsupported('more than three spatial dimensions');
  const { auto_pad: mode = 'NOTSET', group = 1, pads = Array(2 * n).fill(0) } = attributes;
  const { strides = Array(n).fill(1), dilations = Array(n).fill(1), kernel_shape: declared = kernel } = attributes;
  check(['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'].includes(mode), 'unknown auto_pad');
  check(mode === 'NOTSET' || attributes.pads === undefined, 'pads and auto_pad exclude each other');
  check(isList(pads, 2 * n, 0), 'pads is wrong');
  check(isList(strides, n, 1) && isList(dilations, n, 1), 'strides or dilations is wrong');
  check(isList(kernel, n, 1) && isList(declared, n, 1) && sameShape(declared, kernel), 'the kernel is wrong');
  check(isList([group], 1, 1) && maps % group === 0 && depth * group === channels, 'group does not fit the channels');
  const begin = [], out = [];
  sizes.forEach((d, i) => {
    const extent = (kernel[i] - 1) * dilations[i] + 1, room = d + pads[i] + pads[n + i] - extent;
    if (mode.startsWith('SAME')) {
      out.push(Math.ceil(d / strides[i]));
      const total = Math.max((out[i] - 1) * strides[i] + extent - d, 0);
      begin.push(mode === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2));
    } else {
      check(room >= 0, 'the kernel does not fit the padded input');
      out.push(Math.floor(room / strides[i]) + 1);
      begin.push(pads[i]);
    }
  });
  checkSize([batch, maps, ...out]);
  const three = (list, fill) => [...Array(3 - n).fill(fill), ...list];
  return {
    batch, channels, maps, depth, group, shape: [batch, maps, ...out], size: three(sizes, 1), kernel: three(kernel, 1),
    stride: three(strides, 1), dilation: three(dilations, 1), begin: three(begin, 0), out: three(out, 1),
  };
}

// The sum of (x - zx)(w - zw) under one window; padding holds zx and adds nothing.
function windowSum(g, x, w, zx, zw, image, map, at) {
  const first = Math.floor(map / (g.maps / g.group)) * g.depth;
  const origin = at.map((o, d) => o * g.stride[d] - g.begin[d]);
  let total = 0;
  for (let c = 0; c < g.depth; c++)
    for (let k0 = 0; k0 < g.kernel[0]; k0++)
      for (let k1 = 0; k1 < g.kernel[1]; k1++)
        for (let k2 = 0; k2 < g.kernel[2]; k2++) {
          const p = [k0, k1, k2].map((k, d) => origin[d] + k * g.dilation[d]);
          if (p.some((i, d) => i < 0 || i >= g.size[d])) continue;
          const xi = (((image * g.channels + first + c) * g.size[0] + p[0]) * g.size[1] + p[1]) * g.size[2] + p[2];
          const wi = (((map * g.depth + c) * g.kernel[0] + k0) * g.kernel[1] + k1) * g.kernel[2] + k2;
          total += (x.values[xi] - zx) * (w.values[wi] - zw);
        }
  return total;
}

// A parameter that is absent (zero), a scalar, or a tensor with one value for each index.
const pick = (t, index) => (t ? t.values[t.shape.length ? index : 0] : 0);

function accumulators(g, x, w, zx, zw) {
  check(!zx || zx.dtype === x.dtype, "x_zero_point has not x's type");
  check(!zw || zw.dtype === w.dtype, "w_zero_point has not w's type");
  check(!zx || zx.shape.length === 0, 'x_zero_point must be a scalar');
  check(!zw || zw.shape.length === 0 || sameShape(zw.shape, [g.maps]), 'w_zero_point does not fit the output channels');
  const sums = [];
  for (let n = 0; n < g.batch; n++)
    for (let m = 0; m < g.maps; m++)
      for (let o0 = 0; o0 < g.out[0]; o0++)
        for (let o1 = 0; o1 < g.out[1]; o1++)
          for (let o2 = 0; o2 < g.out[2]; o2++)
            sums.push(windowSum(g, x, w, pick(zx, 0), pick(zw, m), n, m, [o0, o1, o2]));
  return sums;
}

const CONVOLUTION = { auto_pad: 1, dilations: 1, group: 1, kernel_shape: 1, pads: 1, strides: 1 };

function convInteger(request, x, w, zx, zw) {
  onlyAttributes(request, CONVOLUTION);
  const g = geometry(request, x, w);
  return [make('int32', g.shape, accumulators(g, x, w, zx, zw).map((a) => a | 0))];      // | 0 wraps at 32 bits
}

function checkQuantized(scales, yScale, zeroPoint, types) {
  for (const s of [...scales, yScale]) {
    if (s.dtype !== 'float32') unsupported('a scale that is not float32');
    if (!s.values.every(Number.isFinite)) unsupported('no text fixes a scale that is not finite');
  }
  check(yScale.shape.length === 0 && zeroPoint.shape.length === 0, 'y_scale and y_zero_point must be scalars');
  if (yScale.values[0] === 0) unsupported('no text fixes a y_scale of zero');
  check(types.includes(zeroPoint.dtype), 'wrong type of y_zero_point');
}

function qLinearConv(request, x, sx, zx, w, sw, zw, sy, zy, bias) {
  onlyAttributes(request, CONVOLUTION);
  const g = geometry(request, x, w), inner = size(g.out);
  checkQuantized([sx, sw], sy, zy, EIGHT_BITS);
  check(sx.shape.length === 0 && sameShape(sw.shape, zw.shape), 'a scale does not fit its zero point');
  check(!bias || (bias.dtype === 'int32' && sameShape(bias.shape, [g.maps])), 'B must be int32, one an output channel');
  return [make(zy.dtype, g.shape, accumulators(g, x, w, zx, zw).map((a, i) => {
    const m = Math.floor(i / inner) % g.maps;
    return requantized(a + pick(bias, m), pick(sx, 0), pick(sw, m), pick(sy, 0), pick(zy, 0), zy.dtype);
  }))];
}

// ----------------------------------------------------------------------------------------------- matrix product

// numpy.matmul: shape and values of the output, each value finish(accumulator, row of a, column of b), the two counted
// through all matrices of a and of b.
function product(a, b, za, zb, finish) {
  check(EIGHT_BITS.includes(a.dtype) && EIGHT_BITS.includes(b.dtype), 'a and b must be int8 or uint8');
  check(a.shape.length && b.shape.length, 'a scalar is no matrix');
  const [M, K] = a.shape.length === 1 ? [1, a.shape[0]] : a.shape.slice(-2);
  const [rows, N] = b.shape.length === 1 ? [b.shape[0], 1] : b.shape.slice(-2);
  check(K === rows, 'the inner dimensions differ');
  const batchA = a.shape.slice(0, -2), batchB = b.shape.slice(0, -2), rank = Math.max(batchA.length, batchB.length);
  const aligned = (batch) => [...Array(rank - batch.length).fill(1), ...batch];
  const dA = aligned(batchA), dB = aligned(batchB), batch = dA.map((d, i) => (d === 1 ? dB[i] : d));
  check(dA.every((d, i) => d === dB[i] || d === 1 || dB[i] === 1), 'the batches do not broadcast');
  checkSize([...batch, M, N]);
  check(!za || za.dtype === a.dtype, "a_zero_point has not a's type");
  check(!zb || zb.dtype === b.dtype, "b_zero_point has not b's type");
  const line = (z, t, count, shape) => !z || z.shape.length === 0
    || (t.shape.length === 2 && sameShape(z.shape, [count])) || (t.shape.length > 1 && sameShape(z.shape, shape));
  check(line(za, a, M, [...batchA, M, 1]), 'a_zero_point is neither scalar nor one a row');
  check(line(zb, b, N, [...batchB, 1, N]), 'b_zero_point is neither scalar nor one a column');
  const matrix = (index, dims) => {      // of an operand, for the output's matrix `index`
    let result = 0, stride = 1;
    for (let i = rank - 1; i >= 0; i--) {
      if (dims[i] !== 1) result += (index % batch[i]) * stride;
      stride *= dims[i];
      index = Math.floor(index / batch[i]);
    }
    return result;
  };
  const values = [];
  for (let i = 0; i < size(batch); i++)
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        const ma = matrix(i, dA), mb = matrix(i, dB), row = ma * M + m, column = mb * N + n;
        const zeroA = pick(za, row), zeroB = pick(zb, column);
        let total = 0;
        for (let k = 0; k < K; k++) total += (a.values[row * K + k] - zeroA) * (b.values[(mb * K + k) * N + n] - zeroB);
        values.push(finish(total, row, column));
      }
  return [[...batch, ...(a.shape.length > 1 ? [M] : []), ...(b.shape.length > 1 ? [N] : [])], values];
}

function matMulInteger(request, a, b, za, zb) {
  onlyAttributes(request, {});
  return [make('int32', ...product(a, b, za, zb, (total) => total | 0))];
}

function qLinearMatMul(request, a, sa, za, b, sb, zb, sy, zy) {
  onlyAttributes(request, {});
  checkQuantized([sa, sb], sy, zy, EIGHT_BITS);
  check(sameShape(sa.shape, za.shape) && sameShape(sb.shape, zb.shape), 'a scale does not fit its zero point');
  return [make(zy.dtype, ...product(a, b, za, zb,
    (total, row, column) => requantized(total, pick(sa, row), pick(sb, column), pick(sy, 0), pick(zy, 0), zy.dtype)))];
}

function requantize(request, acc, sx, sw, sy, zy) {
  onlyAttributes(request, { axis: 1 });
  check(acc.dtype === 'int32' && sx.shape.length === 0, 'the accumulator must be int32, x_scale a scalar');
  checkQuantized([sx, sw], sy, zy, ['int8', 'uint8', 'int16', 'uint16']);
  const at = parameterIndex(acc, sw, request);
  return [make(zy.dtype, acc.shape,
    acc.values.map((a, i) => requantized(a, pick(sx, 0), sw.values[at(i)], pick(sy, 0), pick(zy, 0), zy.dtype)))];
}

// ---------------------------------------------------------------------------------------------------- the table

const OPERATORS = {      // the function, its opsets, required inputs, allowed inputs
  QuantizeLinear: [quantizeLinear, OPSETS, 2, 3],
  DequantizeLinear: [dequantizeLinear, OPSETS, 2, 3],
  DynamicQuantizeLinear: [dynamicQuantizeLinear, [11], 1, 1],
  ConvInteger: [convInteger, [10], 2, 4],
  QLinearConv: [qLinearConv, [10], 8, 9],
  MatMulInteger: [matMulInteger, [10], 2, 4],
  QLinearMatMul: [qLinearMatMul, [10, 21], 8, 8],
  'qref:Requantize': [requantize, [1], 5, 5],
};

function run(request) {
  const { op, domain = '', opset, attributes = {}, inputs = [], outputs } = request;
  const name = domain ? `${domain}:${op}` : op;
  if (name === 'qref:Hello') return { protocol: 1, name: 'qref-javascript', version: '1.0' };
  if (!Object.hasOwn(OPERATORS, name)) unsupported('no such operator here');
  const [operator, opsets, required, most] = OPERATORS[name];
  if (!opsets.includes(opset)) unsupported(`opset ${opset}`);
  const tensors = inputs.map(read);
  check(tensors.length <= most && tensors.slice(0, required).filter(Boolean).length === required, 'wrong inputs');
  return { outputs: operator({ opset, attributes }, ...tensors).slice(0, outputs).map(written) };
}

function answer(line) {
  let id = null;
  try {
    const request = JSON.parse(line);
    id = request.id ?? null;
    return { id, ...run(request) };
  } catch (problem) {
    return { id, [problem instanceof Unsupported ? 'unsupported' : 'error']: problem.message };
  }
}

let rest = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) if (line.trim()) process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
if (rest.trim()) process.stdout.write(`${JSON.stringify(answer(rest))}\n`);
