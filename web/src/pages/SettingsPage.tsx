import { useQuery } from "@tanstack/react-query";
import { OrganizationSettings } from "../account/OrganizationSettings";
import { NoPassword } from "../account/NoPassword";
import { PasswordForm } from "../account/PasswordForm";
import { ProfileForm } from "../account/ProfileForm";
import { Sessions } from "../account/Sessions";
import { getAccount } from "../api/account";
import { Notice } from "../components/Notice";
import { QueryState } from "../components/QueryState";
import { usePageTitle } from "../components/usePageTitle";
import { useCaller } from "../session/useCaller";

/** What people change of their account and of their organisation. */
export function SettingsPage() {
  usePageTitle("Settings");
  const caller = useCaller();
  return (
    <div className="flex flex-col gap-8">
      <h1 className="text-lg font-semibold tracking-tight">Settings</h1>
      <QueryState what="Your account" query={caller} />
      {caller.data?.user && <Account />}
      {caller.data && caller.data.user === null && (
        <Notice tone="warn">You are signed in with an API key, which is nobody's account: it has no profile, password or sessions.</Notice>
      )}
      {caller.data && <OrganizationSettings caller={caller.data} />}
    </div>
  );
}

function Account() {
  const query = useQuery({ queryKey: ["account"], queryFn: getAccount });
  if (query.data === undefined) return <QueryState what="Your account" query={query} />;
  return (
    <>
      <ProfileForm user={query.data.user} />
      {query.data.user.has_password ? <PasswordForm /> : <NoPassword email={query.data.user.email} />}
      <Sessions />
    </>
  );
}
