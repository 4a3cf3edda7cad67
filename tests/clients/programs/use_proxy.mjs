// Node: let `fetch` use the proxy of HTTPS_PROXY, in every library.
import { EnvHttpProxyAgent, install, setGlobalDispatcher } from "undici";

setGlobalDispatcher(new EnvHttpProxyAgent());
install();
