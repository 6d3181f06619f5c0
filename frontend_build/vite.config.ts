import { defineConfig } from "vite";

import { editor } from "./plugins/editor";
import { icons } from "./plugins/icons";
import { licenses } from "./plugins/licenses";
import { manifest } from "./plugins/manifest";

export default defineConfig(({ mode }) => ({
  base: "./",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: false,
    sourcemap: mode === "development",
    rolldownOptions: {
      input: {
        app: "src/app.ts",
        config_editor: "src/config_editor.ts",
        data_manager: "src/data_manager.ts",
        editor_frame: "src/editor_frame.ts",
        export: "src/export.ts",
        import: "src/import.ts",
        label: "src/label.ts",
        models: "src/models.ts",
        statistics: "src/statistics.ts",
        theme: "src/theme.ts",
      },
      output: {
        entryFileNames: "[name].[hash].js",
        chunkFileNames: "shared-[name].[hash].js",
        assetFileNames: "[name].[hash][extname]",
      },
    },
  },
  plugins: [icons(), editor(), licenses(), manifest()],
}));
