import NextAuth from "next-auth";
import { authOptions } from "@/server/auth/options";

function handle(request: Request, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> {
  return NextAuth(request as never, context as never, authOptions()) as Promise<Response>;
}

export { handle as GET, handle as POST };

export const dynamic = "force-dynamic";
