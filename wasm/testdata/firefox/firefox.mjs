// Opens the page in Firefox, through WebDriver BiDi, and does there what a visitor does:
//
//   node firefox.mjs FIREFOX ADDRESS CAPTURE [drop]
//
// chooses CAPTURE, or drops it; opens its first connection; types a command; and prints what was seen as JSON:
// {connections, cells, answers, charts, complaints, requests}. requests are those after the capture was chosen.

import puppeteer from 'puppeteer-core';

const [, , executablePath, address, capture, how] = process.argv;
const PATIENCE = 300_000;

const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: PATIENCE });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  const requests = [];
  page.on('console', (m) => { if (['error', 'warn'].includes(m.type())) complaints.push(m.text()); });
  page.on('pageerror', (e) => complaints.push(e.message));
  await page.goto(address);
  const state = (name) => page.waitForFunction((s) => document.documentElement.dataset.state === s, {}, name);
  await state('ready');
  await page.waitForNetworkIdle({ idleTime: 1000, timeout: PATIENCE }); // the worker that reads is still begun
  page.on('request', (r) => { if (!r.url().startsWith('blob:') && !r.url().startsWith('data:')) requests.push(r.url()); });
  if (how === 'drop') await drop(page);
  else await (await page.$('[data-testid=file]')).uploadFile(capture);
  await state('idle');
  const cells = await page.$$eval('[data-testid=connections] tbody tr[data-index]', (rows) => rows.map((r) => r.innerText));
  await page.waitForSelector('#verdicts button'); // they come last, and push the list down
  await page.click('[data-testid=connections] tbody tr[data-index="0"]');
  await state('idle');
  await page.waitForFunction(drawn);
  const charts = await page.$$eval('[data-testid=output] canvas', (all) => all.length);
  await page.type('[data-testid=prompt]', 'summary 0\n');
  await page.waitForFunction(() => document.querySelector('#log .answer'));
  await state('idle');
  const answers = await page.$eval('#log', (e) => e.innerText);
  console.log(JSON.stringify({ connections: cells.length, cells, answers, charts, complaints, requests }));
} finally {
  await browser.close();
}

/** Drops the capture on the window. The file comes from an input, as no script may name one. */
async function drop(page) {
  const input = await page.evaluateHandle(() => {
    const e = document.createElement('input');
    e.type = 'file';
    document.body.append(e);
    return e;
  });
  await input.uploadFile(capture);
  await page.evaluate((e) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(e.files[0]);
    e.remove();
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, input);
}

/** Whether every chart has marks on it. */
function drawn() {
  const all = [...document.querySelectorAll('[data-testid=output] canvas')];
  return all.length > 0 && all.every((c) => {
    const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
    return data.some((v, i) => v !== data[i % 4]);
  });
}
