{* What the outbox holds. Texts come escaped from {l}; values are escaped here. *}
<div class="panel">
  <h3><i class="icon-inbox"></i> {l s='Outbox' mod='causeway'}</h3>
  <div class="row">
    <div class="col-lg-3"><strong>{$causeway.waiting|escape:'html':'UTF-8'}</strong> {l s='waiting' mod='causeway'}</div>
    <div class="col-lg-3"><strong>{$causeway.failed|escape:'html':'UTF-8'}</strong> {l s='given up' mod='causeway'}</div>
    <div class="col-lg-6">
      {l s='Last sent (UTC):' mod='causeway'}
      {if $causeway.last_sent}{$causeway.last_sent|escape:'html':'UTF-8'}{else}{l s='never' mod='causeway'}{/if}
    </div>
  </div>
  {if $causeway.last_error}
    <div class="alert alert-warning" style="margin-top: 1em">
      {l s='Last answer that was no success:' mod='causeway'}
      {$causeway.last_error.last_status|escape:'html':'UTF-8'} {$causeway.last_error.last_answer|escape:'html':'UTF-8'}
    </div>
  {/if}
  <p style="margin-top: 1em">
    {if $causeway.after_answer}
      {l s='News leaves right after the request that made it. Let cron call this address every minute, for what failed:' mod='causeway'}
    {else}
      {l s='This server cannot send after its answer. Let cron call this address every minute:' mod='causeway'}
    {/if}
    <br><code>{$causeway.cron|escape:'html':'UTF-8'}</code>
  </p>
  <form method="post" action="{$causeway.action|escape:'html':'UTF-8'}">
    <input type="hidden" name="{$causeway.token_name|escape:'html':'UTF-8'}" value="{$causeway.token|escape:'html':'UTF-8'}">
    <button class="btn btn-default" type="submit" name="causewayTest" value="1"><i class="icon-bell"></i> {l s='Send test event' mod='causeway'}</button>
    <button class="btn btn-default" type="submit" name="causewaySend" value="1"{if !$causeway.waiting} disabled{/if}><i class="icon-play"></i> {l s='Send now' mod='causeway'}</button>
    <button class="btn btn-default" type="submit" name="causewayResend" value="1"{if !$causeway.failed} disabled{/if}><i class="icon-refresh"></i> {l s='Resend failed' mod='causeway'}</button>
    <button class="btn btn-default" type="submit" name="causewayClear" value="1"><i class="icon-eraser"></i> {l s='Clear sent and failed' mod='causeway'}</button>
  </form>
  {if $causeway.recent}
    <table class="table" style="margin-top: 1em">
      <thead>
        <tr>
          <th>{l s='Record' mod='causeway'}</th>
          <th>{l s='Change' mod='causeway'}</th>
          <th>{l s='Changed by' mod='causeway'}</th>
          <th>{l s='When (UTC)' mod='causeway'}</th>
          <th>{l s='State' mod='causeway'}</th>
          <th>{l s='Attempts' mod='causeway'}</th>
          <th>{l s='Answer' mod='causeway'}</th>
        </tr>
      </thead>
      <tbody>
        {foreach from=$causeway.recent item=row}
          <tr>
            <td>{$row.noun} {$row.id_entity|escape:'html':'UTF-8'}</td>
            <td>
              {if $row.kind == 'created'}{l s='created' mod='causeway'}
              {elseif $row.kind == 'deleted'}{l s='deleted' mod='causeway'}
              {else}{l s='updated' mod='causeway'}{/if}
            </td>
            <td>{$row.origin|escape:'html':'UTF-8'}{if $row.own} (Causeway){/if}</td>
            <td>{$row.occurred_at|escape:'html':'UTF-8'}</td>
            <td>
              {if $row.state == 'sent'}{l s='sent' mod='causeway'}
              {elseif $row.state == 'failed'}<strong>{l s='given up' mod='causeway'}</strong>
              {else}{l s='waiting' mod='causeway'}, {$row.due_at|escape:'html':'UTF-8'}{/if}
            </td>
            <td>{$row.attempts|escape:'html':'UTF-8'}</td>
            <td>{if $row.last_status}{$row.last_status|escape:'html':'UTF-8'}{/if} {$row.last_answer|escape:'html':'UTF-8'}</td>
          </tr>
        {/foreach}
      </tbody>
    </table>
  {/if}
</div>
