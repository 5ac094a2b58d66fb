#!/bin/sh
# Bundles the part of ECharts that our charts use into echarts.js.gz, with its licences. Run by `make vendor-echarts`;
# needs npm. The same versions give the same bytes: `sha256sum -c SHA256SUMS` says so.
set -eu
cd "$(dirname "$0")"
here=$PWD work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp library.mjs "$work"
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --save-exact echarts@6.1.0 zrender@6.1.0 tslib@2.3.0 esbuild@0.28.2 >>npm.log
npx esbuild library.mjs --bundle --minify --format=iife --target=es2020 --legal-comments=none --charset=ascii --log-level=warning \
  '--banner:js=/*! Apache ECharts 6.1.0, Apache-2.0; zrender 6.1.0, d3, BSD-3-Clause; tslib 2.3.0, 0BSD: see LICENSE and NOTICE in mptcpanalyzer */' \
  --outfile=echarts.js
gzip -9n echarts.js
modules=node_modules
cp echarts.js.gz "$here"
cp $modules/echarts/NOTICE "$here/NOTICE"
{
  cat $modules/echarts/LICENSE
  printf '\n\n======== d3, in Apache ECharts ========\n\n'; cat $modules/echarts/licenses/LICENSE-d3
  printf '\n\n======== zrender ========\n\n'; cat $modules/zrender/LICENSE
  printf '\n\n======== tslib ========\n\n'; cat $modules/tslib/LICENSE.txt
} >"$here/LICENSE"
cd "$here"
sha256sum -c SHA256SUMS
