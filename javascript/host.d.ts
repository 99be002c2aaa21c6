// The parts of the WebUI's page that the scripts use; both hosts define them before the scripts run.

declare function gradioApp(): Document | ShadowRoot | HTMLElement;
declare function onUiLoaded(callback: () => void): void;

interface Window {
    /** Translations by their English text, empty without a language. */
    localization?: Record<string, string>;
}
