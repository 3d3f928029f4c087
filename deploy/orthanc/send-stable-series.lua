-- Sends each MR series to Preceptor once no image of it has come for StableAge seconds.
function OnStableSeries(id, tags, metadata)
  if tags['Modality'] == 'MR' then
    RestApiPost('/dicom-web/servers/preceptor/stow', DumpJson({Resources = {id}, Synchronous = false}))
  end
end
