"use client";

import { BrokenPage } from "@/features/shell/broken-page";

export default BrokenPage;
