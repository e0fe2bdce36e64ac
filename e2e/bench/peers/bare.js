// The least that a viewer can do for each image of a stack: whole numbers, 512 × 512, through a window to 800 × 800 by
// nearest neighbours, and nothing beside it. What the same browser can show at most (`bench peers`, "bare loop").
const SIZE = 512;
const SCREEN = 800;
/** Different pictures, uploaded beforehand and shown in turn. */
const PICTURES = 16;
const CENTER = 1064;
const WIDTH = 400;

/** Discs of growing radius over noise: every picture differs from the one before in most of its pixels. */
function picture(number) {
  const samples = new Uint16Array(SIZE * SIZE);
  let seed = number + 1;
  for (let at = 0; at < samples.length; at += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const [x, y] = [(at % SIZE) - SIZE / 2, Math.floor(at / SIZE) - SIZE / 2];
    samples[at] = (Math.hypot(x, y) < 100 + 9 * number ? 1000 : 900) + (seed >>> 26);
  }
  return samples;
}

function byCanvas(canvas, pictures) {
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d", { alpha: false });
  const images = pictures.map((samples) => {
    const image = context.createImageData(SIZE, SIZE);
    new Uint32Array(image.data.buffer).forEach((_, at, pixels) => {
      const grey = Math.max(0, Math.min(255, ((samples[at] - CENTER) / WIDTH + 0.5) * 255));
      pixels[at] = 0xff000000 | (Math.round(grey) * 0x010101);
    });
    return image;
  });
  return (number) => context.putImageData(images[number], 0, 0);
}

const GLSL_CORNERS = `#version 300 es
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0); }`;
const GLSL_WINDOW = `#version 300 es
precision highp float; precision highp usampler2D;
uniform usampler2D samples; out vec4 colour;
void main() {
  uint value = texelFetch(samples, ivec2(gl_FragCoord.xy * ${SIZE}.0 / ${SCREEN}.0), 0).r;
  colour = vec4(vec3((float(value) - ${CENTER}.0) / ${WIDTH}.0 + 0.5), 1.0);
}`;

function byWebgl(canvas, pictures) {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false });
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, GLSL_CORNERS], [gl.FRAGMENT_SHADER, GLSL_WINDOW]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  const textures = pictures.map((samples) => {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, SIZE, SIZE, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, samples);
    return texture;
  });
  return (number) => {
    gl.bindTexture(gl.TEXTURE_2D, textures[number]);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  };
}

const WGSL = `
@group(0) @binding(0) var samples: texture_2d<u32>;
@vertex fn corners(@builtin(vertex_index) at: u32) -> @builtin(position) vec4f {
  return vec4f(f32(at & 1u) * 4.0 - 1.0, f32(at >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}
@fragment fn window(@builtin(position) place: vec4f) -> @location(0) vec4f {
  let value = textureLoad(samples, vec2u(place.xy * ${SIZE}.0 / ${SCREEN}.0), 0).r;
  return vec4f(vec3f((f32(value) - ${CENTER}.0) / ${WIDTH}.0 + 0.5), 1.0);
}`;

async function byWebgpu(canvas, pictures) {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const context = canvas.getContext("webgpu");
  const format = navigator.gpu.getPreferredCanvasFormat();
  context.configure({ device, format, alphaMode: "opaque" });
  const module = device.createShaderModule({ code: WGSL });
  const pipeline = device.createRenderPipeline({
    layout: "auto",
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  const groups = pictures.map((samples) => {
    const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
    const texture = device.createTexture({ size: [SIZE, SIZE], format: "r16uint", usage });
    device.queue.writeTexture({ texture }, samples, { bytesPerRow: SIZE * 2 }, [SIZE, SIZE]);
    const entries = [{ binding: 0, resource: texture.createView() }];
    return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  });
  return (number) => {
    const encoder = device.createCommandEncoder();
    const view = context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: "clear", storeOp: "store" }] });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, groups[number]);
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}

const LOOPS = { webgpu: byWebgpu, webgl: byWebgl, canvas: byCanvas };
const canvas = document.querySelector("canvas");
const pictures = Array.from({ length: PICTURES }, (_, number) => picture(number));
try {
  const draw = await LOOPS[new URLSearchParams(location.search).get("gpu")](canvas, pictures);
  /** Shows an image and waits for the next frame of the screen, as the harness waits for a viewer's. */
  window.show = (image) => {
    draw(image % PICTURES);
    return new Promise((resolve) => requestAnimationFrame(resolve));
  };
  await window.show(0);
  window.isShown = true;
} catch (error) {
  window.failed = String(error);
}
