import { NothingHere } from "@/features/shell/nothing-here";

export default NothingHere;
