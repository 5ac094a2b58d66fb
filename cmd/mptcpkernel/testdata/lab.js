// JupyterLab's own renderer of outputs, without JupyterLab: bundled for the browser by lab_test.go.
import { RenderMimeRegistry, standardRendererFactories, MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

// renderOutputs shows outputs (MIME bundles) as a notebook does and says which form it chose for each.
window.renderOutputs = async (outputs, trusted) => {
  const registry = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
  const chosen = [];
  for (const data of outputs) {
    const mime = registry.preferredMimeType(data, trusted ? 'ensure' : 'any');
    chosen.push(mime);
    const widget = registry.createRenderer(mime);
    const host = document.createElement('div');
    host.className = 'jp-OutputArea-output';
    document.body.append(host);
    await widget.renderModel(new MimeModel({ data, trusted }));
    Widget.attach(widget, host);
  }
  return chosen;
};
