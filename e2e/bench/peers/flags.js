/** How the harness starts its browser. */
export const FLAGS = [
  ..."--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update".split(" "),
  ..."--disable-sync --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader --use-angle=swiftshader".split(" "),
  "--enable-unsafe-swiftshader",
];
